import { createByteQueue } from "../byte-queue.ts";
import type { Frame } from "./frame.ts";
import { unmask } from "./mask.ts";

/** Cuts what comes into frames, on demand: what nobody asks for stays as it came. */
export interface FrameReader {
  push(chunk: Buffer): void;
  /** The next frame; undefined while it is not all there, and "too long" for one above the limit. */
  read(): Frame | "too long" | undefined;
}

/** What stands before a payload. */
interface Head {
  readonly first: number;
  readonly second: number;
  /** Bytes of the length and the mask that follow the first two. */
  readonly extraBytes: number;
}

export function createFrameReader(limitBytes: number): FrameReader {
  const queue = createByteQueue();
  let head: Head | undefined;
  let payloadBytes: number | undefined;
  let mask: Buffer | undefined;

  /** Answers whether the length of the payload is known. */
  const readHead = (): boolean => {
    if (!head) {
      const two = queue.take(2);
      if (!two) return false;
      const [first = 0, second = 0] = two;
      const lengthBytes = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
      head = { first, second, extraBytes: lengthBytes + (isMasked(second) ? 4 : 0) };
    }
    const extra = queue.take(head.extraBytes);
    if (!extra) return false;
    const lengthBytes = head.extraBytes - (isMasked(head.second) ? 4 : 0);
    payloadBytes = lengthBytes === 0 ? head.second & 0x7f : lengthOf(extra.subarray(0, lengthBytes));
    mask = isMasked(head.second) ? extra.subarray(lengthBytes) : undefined;
    return true;
  };

  return {
    push: queue.push,
    read() {
      if (payloadBytes === undefined && !readHead()) return undefined;
      if (!head || payloadBytes === undefined) return undefined;
      if (payloadBytes > limitBytes) return "too long";
      const payload = queue.take(payloadBytes);
      if (!payload) return undefined;
      if (mask) unmask(payload, mask);
      const { first } = head;
      head = undefined;
      payloadBytes = undefined;
      return {
        fin: (first & 0x80) !== 0,
        reserved: (first >>> 4) & 7,
        opcode: first & 0x0f,
        masked: mask !== undefined,
        payload,
      };
    },
  };
}

function isMasked(second: number): boolean {
  return (second & 0x80) !== 0;
}

/** Of two or eight bytes; what is beyond the exact integers is beyond every limit as well. */
function lengthOf(bytes: Buffer): number {
  if (bytes.byteLength === 2) return bytes.readUInt16BE();
  // The first bit must be 0 and is passed over, as real servers do.
  return (bytes.readUInt32BE() & 0x7fff_ffff) * 0x1_0000_0000 + bytes.readUInt32BE(4);
}
