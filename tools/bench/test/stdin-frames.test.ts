import { expect, test } from "vitest";
import { pattern } from "../src/pattern.ts";
import { createStdinFrames } from "../src/server/stdin-frames.ts";

/** A client's frame by RFC 6455 5.2: final, masked, a channel byte and a payload. */
function frame(channel: number, payload: Uint8Array): Buffer {
  const message = Buffer.from([channel, ...payload]);
  const { byteLength } = message;
  const mask = [0xa1, 0x02, 0xb3, 0x04];
  const short = byteLength < 126 ? byteLength : byteLength < 65_536 ? 126 : 127;
  const header = Buffer.alloc(short === 126 ? 4 : short === 127 ? 10 : 2);
  header.set([0x82, 0x80 | short]);
  if (short === 126) header.writeUInt16BE(byteLength, 2);
  if (short === 127) header.writeBigUInt64BE(BigInt(byteLength), 2);
  return Buffer.concat([
    header,
    Buffer.from(mask),
    message.map((byte, index) => byte ^ (mask[index % 4] ?? 0)),
  ]);
}

const sizes = [1, 100, 5_000, 70_000];
const totalBytes = 75_101;

function framesOf(source: Uint8Array): Buffer {
  let start = 0;
  return Buffer.concat(
    sizes.map((size) => {
      start += size;
      return frame(0, source.subarray(start - size, start));
    }),
  );
}

test("stdin is counted however the connection cuts it", () => {
  const bytes = framesOf(pattern);
  for (const step of [1, 7, 1_000, bytes.byteLength]) {
    const frames = createStdinFrames(totalBytes);
    for (let at = 0; at < bytes.byteLength; at += step) frames.push(bytes.subarray(at, at + step));
    expect([frames.byteLength, frames.wrongAt]).toEqual([totalBytes, undefined]);
  }
});

test("other channels do not count, and what follows the end is handed back", () => {
  const frames = createStdinFrames(totalBytes);
  const halfClose = frame(255, new Uint8Array([0]));
  const rest = frames.push(Buffer.concat([frame(4, new Uint8Array(9)), framesOf(pattern), halfClose]));
  expect(frames.byteLength).toBe(totalBytes);
  expect(rest).toEqual(halfClose);
});

test("a message that is not the pattern shows", () => {
  const frames = createStdinFrames(totalBytes);
  frames.push(framesOf(pattern.subarray(1)));
  expect(frames.wrongAt).toBe(0);
});
