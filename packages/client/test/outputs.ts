import fc from "fast-check";
import { createOutput } from "../src/session/output.ts";
import { createOutputChannel } from "../src/session/output-channel.ts";
import { createMemoryStore } from "../src/session/output-store.ts";

export const seed = 0x706f64;
export const utf8 = new TextEncoder();

/** An output and the channel that feeds it. */
export function setupOutput(limitBytes = 1_000) {
  const channel = createOutputChannel("stdout", createMemoryStore(limitBytes), () => {});
  return { channel, output: createOutput(channel), push: (text: string) => channel.push(utf8.encode(text)) };
}

/** Bytes cut at the given fractions, as frames cut them. */
export const cutText = fc.tuple(
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
);

export function cut(bytes: Uint8Array, fractions: readonly number[]): Uint8Array[] {
  const ends = [...fractions.map((one) => Math.floor(one * bytes.byteLength)), bytes.byteLength].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
}
