import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createByteQueue } from "../src/session/byte-queue.ts";

const seed = 0x706f64;

function drain(queue: ReturnType<typeof createByteQueue>): number[] {
  const bytes: number[] = [];
  for (let chunk = queue.shift(); chunk; chunk = queue.shift()) bytes.push(...chunk);
  return bytes;
}

describe("a byte queue", () => {
  test("gives back what was put in, in order, whatever the sizes", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ op: fc.constant("push" as const), bytes: fc.uint8Array({ maxLength: 9_000 }) }),
            fc.record({ op: fc.constant("unshift" as const), bytes: fc.uint8Array({ maxLength: 50 }) }),
            fc.record({ op: fc.constant("shift" as const) }),
          ),
          { maxLength: 60 },
        ),
        (steps) => {
          const queue = createByteQueue();
          let model: number[] = [];
          for (const step of steps) {
            if (step.op === "push") {
              queue.push(step.bytes.slice());
              model.push(...step.bytes);
            } else if (step.op === "unshift") {
              queue.unshift(step.bytes.slice());
              model = [...step.bytes, ...model];
            } else {
              const chunk = queue.shift();
              expect([...(chunk ?? [])]).toEqual(model.splice(0, chunk?.byteLength ?? 0));
            }
            expect(queue.byteLength).toBe(model.length);
          }
          expect(drain(queue)).toEqual(model);
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  test("does not hold a small chunk's large read buffer", () => {
    const queue = createByteQueue();
    const buffer = new Uint8Array(65_536).fill(7);
    queue.push(buffer.subarray(10, 20));
    queue.push(buffer.subarray(100, 6_000));
    buffer.fill(0);
    expect(drain(queue).every((byte) => byte === 7)).toBe(true);
  });

  test.for([
    ["nobody", false, 10],
    ["a reader who is slow", true, 80],
  ] as const)("gathers a flood of one-byte chunks into few, with %s there", ([_who, passing, most]) => {
    const queue = createByteQueue();
    for (let i = 0; i < 100_000; i += 1) queue.push(Uint8Array.of(i), passing);
    let chunks = 0;
    let length = 0;
    for (let chunk = queue.shift(); chunk; chunk = queue.shift()) {
      chunks += 1;
      length += chunk.byteLength;
    }
    expect({ chunks: chunks < most, length }).toEqual({ chunks: true, length: 100_000 });
  });

  test("never changes a chunk it has handed out", () => {
    const queue = createByteQueue();
    queue.push(Uint8Array.of(1, 2));
    const taken = queue.shift();
    queue.push(Uint8Array.of(3, 4));
    expect([...(taken ?? [])]).toEqual([1, 2]);
  });
});
