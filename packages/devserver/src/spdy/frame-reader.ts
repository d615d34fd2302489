import { createByteQueue } from "../byte-queue.ts";
import type { Frame } from "./frame.ts";

/** Cuts what comes into frames, on demand. */
export interface FrameReader {
  push(chunk: Buffer): void;
  /** The next frame; undefined while it is not all there. */
  read(): Frame | undefined;
}

export function createFrameReader(): FrameReader {
  const queue = createByteQueue();
  let head: Buffer | undefined;

  return {
    push: queue.push,
    read() {
      head ??= queue.take(8);
      if (!head) return undefined;
      const payload = queue.take(head.readUIntBE(5, 3));
      if (!payload) return undefined;
      const { 0: first = 0, 1: second = 0, 4: flags = 0 } = head;
      const frame: Frame =
        first >= 0x80
          ? {
              kind: "control",
              version: ((first & 0x7f) << 8) | second,
              type: head.readUInt16BE(2),
              flags,
              payload,
            }
          : { kind: "data", streamId: head.readUInt32BE(), flags, payload };
      head = undefined;
      return frame;
    },
  };
}
