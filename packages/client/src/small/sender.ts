import { Channel, encodeClose, encodeFrame, encodeResize, type TerminalSize } from "@podwire/codec";
import { type Connection, TransportError } from "@podwire/transport";
import { ClientError } from "../errors.ts";
import { createDeferred } from "../session/deferred.ts";
import { bytesOf, createStdin, type Stdin, sessionEnded } from "../session/stdin.ts";
import { v5 } from "./protocols.ts";
import type { Wanted } from "./wanted.ts";

/** Largest payload of one stdin message: servers buffer per message and never reassemble fragments. */
const maxPayloadBytes = 32_768;

/** The sending side of a small session: one thing after the other, as fast as the transport takes it. */
export interface Sender {
  readonly stdin: Stdin;
  /** Bytes of stdin handed to the transport. */
  readonly stdinBytes: number;
  resize(size: TerminalSize): Promise<void>;
  closeStdin(): Promise<void>;
  /** Resolves behind everything that was begun before. */
  flushed(): Promise<unknown>;
  drain(): void;
  /** Rejects everything unsent and all that comes. */
  end(error: ClientError): void;
}

export function createSender(connection: Connection, wanted: Wanted): Sender {
  let stdinBytes = 0;
  let closed = false;
  let drained = createDeferred<void>();
  let ended: ClientError | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const put = async (message: Uint8Array): Promise<void> => {
    if (ended) throw ended;
    if (connection.send(message)) return;
    drained = createDeferred();
    await drained.promise;
  };
  /** Runs behind everything that was begun before; nobody has to look whether it succeeds. */
  const queue = (run: () => Promise<void>): Promise<void> => {
    const done = last.then(run).catch((error: unknown) => {
      // The connection has begun to close and has not said so yet.
      throw error instanceof TransportError ? sessionEnded(error) : error;
    });
    last = done.catch(() => {});
    return done;
  };
  const write = (data: Uint8Array | string): Promise<void> =>
    queue(async () => {
      const bytes = bytesOf(data);
      if (!wanted.stdin) throw new TypeError("writing needs stdin: true");
      if (closed) throw sessionEnded();
      for (let start = 0; start < bytes.byteLength; start += maxPayloadBytes) {
        const part = bytes.subarray(start, start + maxPayloadBytes);
        stdinBytes += part.byteLength;
        await put(encodeFrame(Channel.Stdin, part));
      }
    });
  const closeStdin = (): Promise<void> =>
    queue(async () => {
      if (!wanted.stdin || closed) return;
      // The end of a terminal's input would cut its output: it gets Ctrl-D.
      const typed = wanted.tty && wanted.kind === "exec";
      if (!typed && connection.protocol !== v5) {
        throw new ClientError("HALF_CLOSE_UNSUPPORTED", "ending stdin needs v5");
      }
      closed = true;
      await put(typed ? encodeFrame(Channel.Stdin, Uint8Array.of(4)) : encodeClose(Channel.Stdin));
    });

  return {
    stdin: createStdin(write, closeStdin),
    get stdinBytes() {
      return stdinBytes;
    },
    resize: (size) =>
      queue(async () => {
        // Without a terminal a second size freezes stdin on v5.
        if (!wanted.tty) throw new TypeError("a size needs tty: true");
        await put(encodeFrame(Channel.Resize, encodeResize(size)));
      }),
    closeStdin,
    flushed: () => last,
    drain: () => drained.resolve(),
    end(error) {
      ended = error;
      drained.reject(error);
    },
  };
}
