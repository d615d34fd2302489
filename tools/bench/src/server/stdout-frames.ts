import { pattern, patternBytes } from "../pattern.ts";

/** One period of the pattern on channel 1 as a server's WebSocket frames (RFC 6455 5.2: final, binary, not masked). */
export function stdoutFrames(payloadBytes: number): Buffer {
  const frames: Buffer[] = [];
  for (let start = 0; start < patternBytes; start += payloadBytes) {
    const payload = pattern.subarray(start, start + payloadBytes);
    const header = Buffer.from([0x82, 126, 0, 0, 1]);
    // The length that follows 126; the channel byte counts.
    header.writeUInt16BE(payload.byteLength + 1, 2);
    frames.push(header, Buffer.from(payload));
  }
  return Buffer.concat(frames);
}
