import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCapture } from "../src/subresources/capture.ts";

function capture(limit: number, kept: "head" | "tail" | "both", chunks: readonly string[]) {
  const captured = createCapture(limit, kept);
  for (const chunk of chunks) captured.push(Buffer.from(chunk));
  const { totalBytes, omittedBytes, text } = captured.result();
  return { text: text(), totalBytes, omittedBytes, exceeded: captured.exceeded };
}

describe("what is kept of a long output", () => {
  const chunks = ["0123", "45", "6789"];

  test.for([
    ["head", "0123"],
    ["tail", "6789"],
    ["both", "0189"],
  ] as const)("is its %s", ([kept, text]) => {
    expect(capture(4, kept, chunks)).toEqual({ text, totalBytes: 10, omittedBytes: 6, exceeded: true });
  });

  test("is all of it up to the limit", () => {
    for (const kept of ["head", "tail", "both"] as const) {
      expect(capture(10, kept, chunks)).toEqual({
        text: "0123456789",
        totalBytes: 10,
        omittedBytes: 0,
        exceeded: false,
      });
    }
  });

  test("is right however it is cut", () => {
    const kept = fc.constantFrom("head", "tail", "both");
    fc.assert(
      fc.property(kept, fc.integer({ min: 1, max: 20 }), fc.array(fc.string()), (kept, limit, chunks) => {
        const whole = Buffer.from(chunks.join(""));
        const tail = kept === "head" ? 0 : kept === "tail" ? limit : Math.ceil(limit / 2);
        const head = limit - tail;
        const expected =
          whole.length <= limit
            ? whole
            : Buffer.concat([whole.subarray(0, head), whole.subarray(whole.length - tail)]);
        const captured = createCapture(limit, kept);
        for (const chunk of chunks) captured.push(Buffer.from(chunk));
        expect(Buffer.from(captured.result().bytes)).toEqual(expected);
      }),
    );
  });
});
