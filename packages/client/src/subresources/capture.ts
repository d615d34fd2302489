import { concat } from "../session/concat.ts";

/** Which part of an output is kept that is longer than the limit. */
export type KeptPart = "head" | "tail" | "both";

/** What a command wrote. */
export interface CapturedOutput {
  /** All of it, or, with `keepOutput`, the part that is kept: with "both", the head and right behind it the tail. */
  readonly bytes: Uint8Array;
  /** Bytes that the command wrote. */
  readonly totalBytes: number;
  /** Of these, the bytes that were not kept. */
  readonly omittedBytes: number;
  /** The bytes decoded as UTF-8. */
  text(): string;
}

/** Collects an output up to a limit. */
export interface Capture {
  /** Whether there were more bytes than the limit. */
  readonly exceeded: boolean;
  push(chunk: Uint8Array): void;
  result(): CapturedOutput;
}

export function createCapture(limitBytes: number, kept: KeptPart): Capture {
  const tailLimit = kept === "head" ? 0 : kept === "tail" ? limitBytes : Math.ceil(limitBytes / 2);
  const headLimit = limitBytes - tailLimit;
  const head: Uint8Array[] = [];
  let headBytes = 0;
  let tail: Uint8Array[] = [];
  let tailBytes = 0;
  let totalBytes = 0;

  /** Drops from the front what is beyond the limit; whole chunks, and only now and then. */
  const trim = (): void => {
    let first = 0;
    for (let chunk = tail[first]; chunk && tailBytes - chunk.byteLength >= tailLimit; chunk = tail[first]) {
      tailBytes -= chunk.byteLength;
      first += 1;
    }
    tail = tail.slice(first);
  };

  return {
    get exceeded() {
      return totalBytes > limitBytes;
    },
    push(chunk) {
      totalBytes += chunk.byteLength;
      const own = chunk.subarray(0, headLimit - headBytes);
      if (own.byteLength > 0) {
        head.push(own);
        headBytes += own.byteLength;
      }
      const rest = chunk.subarray(own.byteLength);
      if (rest.byteLength === 0 || tailLimit === 0) return;
      tail.push(rest);
      tailBytes += rest.byteLength;
      if (tailBytes > 2 * tailLimit) trim();
    },
    result() {
      const last = concat(tail);
      const bytes = concat([...head, last.subarray(Math.max(last.byteLength - tailLimit, 0))]);
      return {
        bytes,
        totalBytes,
        omittedBytes: totalBytes - bytes.byteLength,
        text: () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
      };
    },
  };
}
