import { expect, test } from "vitest";
import { createChecker } from "../src/checker.ts";
import { pattern, patternWrites } from "../src/pattern.ts";

const frames = [...patternWrites(300_000, 1_024)];

function finish(chunks: readonly Uint8Array[], step?: number): () => void {
  const checker = createChecker(pattern, step);
  for (const chunk of chunks) checker.take(chunk);
  return () => checker.finish(300_000);
}

/** The frames with other ones from the hundredth on. */
function spliced(removed: number, ...added: Uint8Array[]): Uint8Array[] {
  const copy = [...frames];
  copy.splice(100, removed, ...added);
  return copy;
}

test("bytes that are right pass, however they are cut", () => {
  expect(finish(frames)).not.toThrow();
  expect(finish([Buffer.concat(frames)])).not.toThrow();
});

test("a lost frame shows", () => {
  expect(finish(spliced(1))).toThrow("wrong byte at 102400");
});

test("a frame lost at the end shows", () => {
  expect(finish(frames.slice(0, -1))).toThrow("bytes arrived instead of 300000");
});

test("a doubled frame shows", () => {
  expect(finish(spliced(0, frames[100] ?? pattern))).toThrow("wrong byte");
});

test("frames in another order show", () => {
  const [one = pattern, other = pattern] = frames.slice(100, 102);
  expect(finish(spliced(2, other, one))).toThrow("wrong byte at 102400");
});

test("a single wrong byte shows where every byte is looked at", () => {
  const bytes = Buffer.concat(frames);
  bytes[123_457] = (bytes[123_457] ?? 0) ^ 1;
  expect(finish([bytes], 1)).toThrow("wrong byte at 123457");
});
