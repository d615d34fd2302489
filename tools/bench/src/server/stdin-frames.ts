import { pattern } from "../pattern.ts";

/** Counts stdin in a client's frames without unmasking them, so that the server is never what is measured. */
export interface StdinFrames {
  /** Payload bytes on channel 0 so far. */
  readonly byteLength: number;
  /** Where a byte was not the pattern's; the first and the last of each piece that arrives are looked at. */
  readonly wrongAt: number | undefined;
  /** Takes what was read from the connection, and answers with what lies behind the last byte that is wanted. */
  push(bytes: Buffer): Buffer;
}

const none = Buffer.alloc(0);

/** Reads frames up to so many bytes of stdin. */
export function createStdinFrames(wantedBytes: number): StdinFrames {
  let byteLength = 0;
  let wrongAt: number | undefined;
  // A header that has not arrived whole.
  let carry: Buffer = none;
  let mask: Buffer = none;
  // Of the message at hand: bytes to come, bytes that came, whether it is stdin.
  let left = 0;
  let index = 0;
  let isStdin = false;

  const look = (byte: number | undefined, messageIndex: number, offset: number): void => {
    const unmasked = (byte ?? 0) ^ (mask[messageIndex % 4] ?? 0);
    if (unmasked !== pattern[offset % pattern.byteLength]) wrongAt ??= offset;
  };

  /** Reads a header and the channel behind it: their length, or 0 while they are not all there. */
  const open = (bytes: Buffer): number => {
    const short = (bytes[1] ?? 0) & 0x7f;
    const maskAt = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.byteLength < maskAt + 5) return 0;
    left = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    mask = bytes.subarray(maskAt, maskAt + 4);
    // A frame without payload is no message of ours: only a Ping or a Close can be one.
    isStdin = (bytes[0] ?? 0) === 0x82 && ((bytes[maskAt + 4] ?? 0) ^ (mask[0] ?? 0)) === 0;
    index = Math.min(left, 1);
    left -= index;
    return maskAt + 4 + index;
  };

  return {
    get byteLength() {
      return byteLength;
    },
    get wrongAt() {
      return wrongAt;
    },
    push(read) {
      let bytes = carry.byteLength > 0 ? Buffer.concat([carry, read]) : read;
      carry = none;
      while (bytes.byteLength > 0 && byteLength < wantedBytes) {
        if (left === 0) {
          const headerBytes = open(bytes);
          if (headerBytes === 0) {
            carry = bytes;
            return none;
          }
          bytes = bytes.subarray(headerBytes);
        }
        const piece = Math.min(left, bytes.byteLength);
        if (isStdin && piece > 0) {
          look(bytes[0], index, byteLength);
          look(bytes[piece - 1], index + piece - 1, byteLength + piece - 1);
          byteLength += piece;
        }
        index += piece;
        left -= piece;
        bytes = bytes.subarray(piece);
      }
      return bytes;
    },
  };
}
