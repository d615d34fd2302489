import { ClientError } from "../errors.ts";

/** The writing side of a session. */
export interface Stdin {
  /**
   * Sends bytes (a string is sent as UTF-8), in messages of at most 32 KiB, in the order of the calls; small writes in
   * a row go out together, in the same turn of the event loop. Resolves when the transport has drained below its mark;
   * the bytes must not change before. Rejects with `SESSION_ENDED` when the session ends first, and with a TypeError when
   * stdin was not requested.
   */
  write(data: Uint8Array | string): Promise<void>;
  /** A stream over `write`; closing it half-closes stdin, aborting it leaves stdin open. */
  readonly writable: WritableStream<Uint8Array | string>;
}

export function createStdin(write: Stdin["write"], close: () => Promise<void>): Stdin {
  let writable: WritableStream<Uint8Array | string> | undefined;
  return {
    write,
    get writable() {
      writable ??= new WritableStream<Uint8Array | string>({ write: (chunk) => write(chunk), close });
      return writable;
    },
  };
}

/** What was written, as bytes; a TypeError for anything else. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  if (typeof data === "string") return new TextEncoder().encode(data);
  if (data instanceof Uint8Array) return data;
  throw new TypeError("stdin must be a string or a Uint8Array");
}

/** What sending after the end meets. */
export function sessionEnded(cause?: unknown): ClientError {
  return new ClientError("SESSION_ENDED", "the session has ended", { cause });
}
