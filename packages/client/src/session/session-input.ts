import type { TerminalSize } from "@podwire/codec";
import { ClientError } from "../errors.ts";
import type { Machine } from "./machine.ts";
import { bytesOf, createStdin, type Stdin, sessionEnded } from "./stdin.ts";

export interface SessionInputOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Whether the container takes stdin at all; bytes for one that does not are dropped here. */
  readonly stdinDropped: boolean;
  /**
   * How stdin ends: the protocol's half-close, Ctrl-D where that would cut the output (a terminal's exec), or the
   * end of the connection where the caller prefers that to an error.
   */
  readonly stdinEnd: "half-close" | "end-of-transmission" | "disconnect";
}

/** The sending side of a session. */
export interface SessionInput {
  readonly stdin: Stdin;
  /** Whether `close` was asked for, and did not fail. */
  readonly closed: boolean;
  resize(width: number, height: number): Promise<void>;
  close(): Promise<void>;
  /** Nothing can be sent any more. */
  end(): void;
}

export function createSessionInput(
  machine: Machine,
  protocol: string,
  options: SessionInputOptions,
  disconnect: () => void,
): SessionInput {
  let closing: Promise<void> | undefined;
  let over = false;

  // Not an async function: it runs for each small piece, and most of these are sent at once.
  const write = (data: Uint8Array | string): Promise<void> => {
    try {
      const bytes = bytesOf(data);
      if (!options.stdin) throw new TypeError("stdin was not requested; pass stdin: true to attach or exec");
      if (closing) throw new ClientError("SESSION_ENDED", "stdin is closed; nothing more can be written");
      return options.stdinDropped ? Promise.resolve() : machine.writeStdin(bytes);
    } catch (error) {
      return quiet(Promise.reject(error));
    }
  };

  const end = async (): Promise<void> => {
    if (!options.stdin || options.stdinDropped || over) return;
    if (options.stdinEnd === "end-of-transmission") return machine.writeStdin(new Uint8Array([0x04]));
    if (machine.halfClose) return machine.closeStdin();
    if (options.stdinEnd === "disconnect") {
      // Behind everything that is still to be written.
      await machine.writeStdin(new Uint8Array(0));
      disconnect();
      return;
    }
    throw new ClientError(
      "HALF_CLOSE_UNSUPPORTED",
      `${protocol} cannot end stdin (v5.channel.k8s.io, Kubernetes 1.30 and later, can); let the command read a ` +
        'known number of bytes, close the session, or choose halfClose: "disconnect"',
    );
  };

  const resize = async (size: TerminalSize): Promise<void> => {
    // Without a terminal a second size freezes stdin on v5 (codec's PROTOCOL.md, traps).
    if (!options.tty) throw new TypeError("only a session with tty: true has a size");
    if (over) throw sessionEnded();
    await machine.resize(size);
  };

  const input: SessionInput = {
    stdin: createStdin(write, () => input.close()),
    get closed() {
      return closing !== undefined;
    },
    resize: (width, height) => quiet(resize({ width, height })),
    close() {
      closing ??= end().catch((error: unknown) => {
        // It was not closed after all: a later call may try again.
        closing = undefined;
        throw error;
      });
      return quiet(closing);
    },
    end() {
      over = true;
    },
  };
  return input;
}

/** Marks a rejection as seen: not awaiting a write must not end the program. */
function quiet(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
