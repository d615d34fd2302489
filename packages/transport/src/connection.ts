import type { TransportError } from "./errors.ts";

/** What an open connection can really do; the caller chooses its policies by it. */
export interface Capabilities {
  /** Whether `pause()` stops the peer (TCP back-pressure) instead of filling a bounded buffer here. */
  readonly readBackpressure: boolean;
  /** Whether the handshake could carry HTTP headers. */
  readonly headers: boolean;
  /** Whether TLS options (CA, client certificate, server name) are honoured. */
  readonly tls: boolean;
  /** How much of a refused upgrade is visible: status and body, the status alone, or nothing. */
  readonly handshakeError: "full" | "status" | "none";
  /** Whether `ping` is there. */
  readonly ping: boolean;
}

/** How a connection ended; delivered exactly once, after the last message. */
export interface CloseInfo {
  /** Close code of RFC 6455 7.4; 1005 when the peer's Close had none, 1006 when no Close arrived. */
  readonly code: number;
  readonly reason: string;
  /** Whether a Close frame was received from the peer, and all messages before it. */
  readonly wasClean: boolean;
  /** Why it was not clean, where the platform says so. */
  readonly error?: TransportError;
}

/** What the owner of a connection hears; calls never overlap and none comes after `close`. */
export interface Sink {
  /**
   * One whole message, whose bytes are the sink's from now on. They may be a view into a larger buffer, where other
   * messages are: copy what you keep for long.
   */
  message(data: Uint8Array | string): void;
  /** The outgoing buffer fell below its mark after a `send` had returned false. */
  drain?(): void;
  /** Any pong; only where the connection can ping. */
  pong?(): void;
  /** The end. */
  close(info: CloseInfo): void;
}

/** An open WebSocket with one chosen subprotocol. */
export interface Connection {
  /** The subprotocol that the server chose, always one of those offered. */
  readonly protocol: string;
  readonly capabilities: Capabilities;
  /** Bytes accepted by `send` that the platform has not yet written out. */
  readonly bufferedAmount: number;
  /**
   * Sends one unfragmented message; false means "enough, wait for `drain`" (the message is still sent).
   * The bytes belong to the connection until they are drained. Throws `NOT_OPEN` after the end or a close, and TypeError
   * for anything else.
   */
  send(data: Uint8Array | string): boolean;
  /** Stops reading; what had already been read may still be delivered, at most one read buffer. */
  pause(): void;
  resume(): void;
  /** Sends a ping frame; absent where the platform has none. */
  ping?(): void;
  /** Starts the closing handshake, also while paused; the end arrives within the close deadline. Idempotent. */
  close(code?: number, reason?: string): void;
  /** Drops the connection now, without a handshake. Idempotent. */
  terminate(): void;
}

/** A bearer credential in both forms a handshake can carry it; an adapter takes the best it can. */
export interface Credential {
  /** Value of the Authorization header. */
  readonly authorization: string;
  /** The same as a subprotocol name, offered last; for platforms without headers. */
  readonly subprotocol: string;
}

export interface DialOptions {
  /** Subprotocols in order of preference; at least one. */
  readonly protocols: readonly string[];
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Refused over plain ws:, where everybody on the way can read it, except to this machine itself. */
  readonly credential?: Credential | undefined;
  /** Sends the credential over plain ws: too; false by default. */
  readonly allowInsecure?: boolean | undefined;
  /** Aborts the handshake, or terminates the open connection; rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Time for name look-up, TCP, TLS and upgrade together; 30,000 by default. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Time between `close()` and the end; 5,000 by default. */
  readonly closeTimeoutMs?: number;
  /** Longest message accepted, in bytes; 64 MiB by default. */
  readonly maxMessageBytes?: number;
  /** Where `send` begins to answer false, in bytes of `bufferedAmount`; 1 MiB by default. */
  readonly sendMarkBytes?: number;
  /**
   * Pages: bytes held while paused, and 128 more for each message; 4 MiB by default. Beyond them the connection fails,
   * or where there is back-pressure the peer has been stopped before.
   */
  readonly receiveBufferLimitBytes?: number;
}

/** Takes the open connection and answers with its listener; runs once, before any message. */
export type Accept = (connection: Connection) => Sink;

/**
 * Opens a WebSocket: the one function an adapter is. Rejects with `TransportError`, or with `signal.reason`.
 * `accept` runs before any message because a frame in the same packet as the 101 arrives before the caller
 * of `dial` continues.
 */
export type Dial = (url: string | URL, accept: Accept, options: DialOptions) => Promise<Connection>;
