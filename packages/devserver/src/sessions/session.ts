import type { WaitOptions } from "../waiting.ts";
import type { RecordedBytes } from "./recorded-bytes.ts";

/** One exec, attach or port-forward that a client opened: what it asked for, and all that came of it so far. */
export interface Session {
  /** From 1 on; that of its violations too. */
  readonly number: number;
  readonly subresource: "attach" | "exec" | "portforward";
  readonly namespace: string;
  readonly pod: string;
  /** Undefined for a port-forward. */
  readonly container: string | undefined;
  /** Empty but for an exec. */
  readonly command: readonly string[];
  /** What was asked for; empty for a port-forward. */
  readonly streams: readonly ("stdin" | "stdout" | "stderr")[];
  readonly tty: boolean;
  /** A tunnel is SPDY in a WebSocket. */
  readonly transport: "websocket" | "spdy" | "tunnel";
  /** The subprotocol that was chosen; empty where none was offered. */
  readonly protocol: string;
  /** The client's, in lower case; what lets somebody in is `[redacted]`. */
  readonly headers: Readonly<Record<string, string>>;

  /** What the client sent. */
  readonly stdin: RecordedBytes;
  /** The client has ended its input and stayed. */
  readonly stdinEnded: boolean;
  /** The sizes that the client gave its terminal, the last 1,000. */
  readonly sizes: readonly TerminalSize[];
  /** What the client was sent. */
  readonly stdout: RecordedBytes;
  readonly stderr: RecordedBytes;
  /** Those of a port-forward, the first 1,000. */
  readonly connections: readonly PortConnection[];

  /** How it ended; undefined while it goes on. */
  readonly outcome: SessionOutcome | undefined;
  /** Resolves when it has ended, and never rejects. */
  readonly ended: Promise<SessionOutcome>;
  /**
   * Resolves when the client has sent this, on stdin or to a port, in what is kept. Rejects with `SESSION_ENDED` when it
   * no longer can.
   */
  received(what: string | Uint8Array | RegExp, options?: WaitOptions): Promise<void>;
  /** Resolves when it holds; rejects with `SESSION_ENDED` when the session has ended and it does not. */
  until(condition: (session: Session) => boolean, options?: WaitOptions): Promise<void>;
}

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** One connection to a port of a Pod. */
export interface PortConnection {
  readonly port: number;
  /** From the client, and to it. */
  readonly received: RecordedBytes;
  readonly sent: RecordedBytes;
  readonly ended: boolean;
  /** Why it could not be made, or broke, in the runtime's words. */
  readonly failure: string | undefined;
}

/** How a session ended. */
export type SessionOutcome =
  /** The command of an exec, with this code. */
  | { readonly kind: "exited"; readonly code: number }
  /** What was attached to, or every connection to a port, or the client detached by the end of its input. */
  | { readonly kind: "finished" }
  /** The command could not be started. */
  | { readonly kind: "failed"; readonly message: string }
  /** The connection went before: the client left, or the server closed. */
  | { readonly kind: "left" };
