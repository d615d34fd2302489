import { Duplex } from "node:stream";
import type { Headers } from "./header-block.ts";

/** A stream that the client has opened. */
export interface SpdyStream {
  readonly id: number;
  readonly headers: Headers;
  /** Its bytes both ways. To end it is FIN, to destroy it is a reset; so does the client with it. */
  readonly bytes: Duplex;
}

/** A stream as its connection has it. */
export interface OpenStream extends SpdyStream {
  /** Takes what the client has sent; false when it holds as much as it may. */
  push(payload: Buffer): boolean;
  /** The client has sent its last byte. */
  finish(): void;
  /** The client has reset it, or is gone. */
  reset(): void;
}

/** What a stream needs of its connection. */
export interface StreamLine {
  /** Sends bytes, calls `done` when there is room for more. */
  send(bytes: Buffer, done: () => void): void;
  sendFin(): void;
  sendReset(): void;
  /** Whoever reads the stream wants more. */
  wanted(): void;
  closed(): void;
}

/** What a stream holds for whoever does not read it yet, before the whole connection waits. */
const markBytes = 65_536;

export function createStream(id: number, headers: Headers, line: StreamLine): OpenStream {
  /** The client, and the server, has nothing more to say on it. */
  let finished = false;
  let final = false;
  const bytes = new Duplex({
    readableHighWaterMark: markBytes,
    read: line.wanted,
    write(chunk: Buffer, _encoding, done) {
      line.send(chunk, done);
    },
    final(done) {
      final = true;
      line.sendFin();
      done();
    },
    destroy(error, done) {
      if (!final) line.sendReset();
      line.closed();
      done(error);
    },
  });
  bytes.on("error", () => undefined);
  return {
    id,
    headers,
    bytes,
    // What follows the end is for nobody.
    push: (payload) => finished || bytes.push(payload),
    finish() {
      if (finished) return;
      finished = true;
      bytes.push(null);
    },
    reset() {
      finished = true;
      final = true;
      bytes.destroy();
    },
  };
}
