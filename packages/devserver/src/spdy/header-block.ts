import { createInflate } from "node:zlib";
import { dictionary } from "./dictionary.ts";

/** Headers of a stream; names are in small letters. */
export type Headers = ReadonlyMap<string, string>;

/** More than any client sends; compressed, much more would fit into a frame. */
const longestBytes = 16_384;

/** Reads the header blocks of one side, which are one zlib stream: in their order, and all of them. */
export interface HeaderReader {
  /** Rejects for what is no header block; none can be read after that. */
  read(block: Buffer): Promise<Headers>;
  close(): void;
}

export function createHeaderReader(): HeaderReader {
  const inflate = createInflate({ dictionary });
  let parts: Buffer[] = [];
  let tooLong = false;
  inflate.on("data", (part: Buffer) => {
    parts.push(part);
    if (parts.reduce((sum, { byteLength }) => sum + byteLength, 0) > longestBytes) {
      tooLong = true;
      inflate.destroy(new RangeError(`a header block of more than ${longestBytes} bytes`));
    }
  });

  return {
    read(block) {
      return new Promise((resolve, reject) => {
        parts = [];
        const settle = (error?: Error | null): void => {
          inflate.off("error", settle);
          if (error || tooLong) {
            reject(error ?? new RangeError("a header block too long"));
            return;
          }
          try {
            resolve(parseHeaders(Buffer.concat(parts)));
          } catch (cause) {
            reject(cause);
          }
        };
        inflate.on("error", settle);
        // What was inflated is told before the turn is over.
        inflate.write(block, (error) => setImmediate(settle, error));
      });
    },
    close() {
      inflate.on("error", () => undefined);
      inflate.destroy();
    },
  };
}

/** A count, and that many names and values, each behind its length. */
function parseHeaders(bytes: Buffer): Headers {
  let offset = 4;
  const text = (): string => {
    const start = offset + 4;
    offset = start + bytes.readUInt32BE(offset);
    if (offset > bytes.byteLength) throw new RangeError("a header block ends inside a header");
    return bytes.toString("latin1", start, offset);
  };
  const headers = new Map<string, string>();
  for (let count = bytes.readUInt32BE(); count > 0; count--) {
    const name = text().toLowerCase();
    // Several values of one name are told apart by a zero.
    const [value = ""] = text().split("\0");
    headers.set(name, value);
  }
  return headers;
}

/**
 * The header blocks of a server that has nothing to say in them: a count of 0, in a block of zlib that is stored as it
 * is, and an empty block, at which decoders give out what they have. Before the first one stands the head of the zlib
 * stream, which names the dictionary.
 */
export function createEmptyBlocks(): () => Buffer {
  const count = Buffer.from("000400fbff00000000" + "000000ffff", "hex");
  let begun = false;
  return () => {
    const block = begun ? count : Buffer.concat([Buffer.from("78bbe3c6a7c2", "hex"), count]);
    begun = true;
    return block;
  };
}
