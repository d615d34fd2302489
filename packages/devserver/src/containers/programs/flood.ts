import type { ContainerContext } from "../scripted.ts";
import { countOf } from "./argument.ts";

/** A line is its number in 15 digits, from 0 on, and a newline: byte n is in line n / 16. */
const lineBytes = 16;
const blockLines = 1_000;

/** Writes a pattern of known bytes, so many of them as its first argument says, or without end. */
export async function flood({ args: [count], stdout, signal }: ContainerContext): Promise<number> {
  let left = count === undefined ? Number.POSITIVE_INFINITY : countOf("a number of bytes", count);
  const block = Buffer.alloc(lineBytes * blockLines);
  for (let line = 0; line < blockLines; line++) {
    block.write(`${"0".repeat(12)}${String(line).padStart(3, "0")}\n`, line * lineBytes, "latin1");
  }
  for (let number = 0; left > 0 && !signal.aborted; number++) {
    // The last three digits are those of the line in its block.
    const digits = String(number).padStart(12, "0");
    for (let line = 0; line < blockLines; line++) block.write(digits, line * lineBytes, "latin1");
    await stdout.write(left < block.byteLength ? block.subarray(0, left) : block);
    left -= block.byteLength;
  }
  return signal.aborted ? 143 : 0;
}
