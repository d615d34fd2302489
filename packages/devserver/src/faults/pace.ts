import { setTimeout } from "node:timers/promises";

const slicesPerSecond = 20;

/** Hands bytes on in slices, no more of them a second than that; ends early when the signal says so. */
export async function pace(
  bytes: Buffer,
  bytesPerSecond: number,
  signal: AbortSignal,
  handOn: (slice: Buffer) => void | Promise<void>,
): Promise<void> {
  const sliceBytes = Math.max(1, Math.floor(bytesPerSecond / slicesPerSecond));
  for (let start = 0; start < bytes.byteLength; start += sliceBytes) {
    const slice = bytes.subarray(start, start + sliceBytes);
    const ms = (slice.byteLength / bytesPerSecond) * 1_000;
    await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    await handOn(slice);
  }
}
