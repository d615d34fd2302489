import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMarkerFilter, markerName } from "../../src/verify/marker.ts";

const name = "0123456789abcdef0123456789abcdef";
const text = `${name} 42 code 7 stderr 4 stdout 6 ${name}`;
const marker = { pid: 42, exitCode: 7, stdoutBytes: 6, stderrBytes: 4 };

function run(chunks: readonly Uint8Array[]) {
  const filter = createMarkerFilter(name);
  const data = Buffer.concat([...chunks.map((chunk) => filter.push(chunk)), filter.end()]);
  return { data: data.toString("latin1"), marker: filter.marker };
}

describe("the marker", () => {
  test("is taken off wherever it is cut", () => {
    const bytes = Buffer.from(`output${text}`);
    for (let one = 0; one <= bytes.length; one += 1) {
      for (let other = one; other <= bytes.length; other += 7) {
        const chunks = [bytes.subarray(0, one), bytes.subarray(one, other), bytes.subarray(other)];
        expect(run(chunks)).toEqual({ data: "output", marker });
      }
    }
  });

  test("has its counts in any order, or none", () => {
    expect(run([Buffer.from(`${name} 42 code 7 stdout 6 stderr 4 ${name}`)]).marker).toEqual(marker);
    expect(run([Buffer.from(`${name} 42 code 7 ${name}`)]).marker).toEqual({ pid: 42, exitCode: 7 });
  });

  test.for([
    `${name}`,
    `${name} 42 code 7`,
    `${name}${name}`,
    `${name} nonsense ${name}`,
    `${name} 42 code 7 ${"x".repeat(300)}${name}`,
    text.slice(0, -1),
    text.toUpperCase(),
  ])("that is not whole is the command's own: %s", (broken) => {
    expect(run([Buffer.from(broken)])).toEqual({ data: broken, marker: undefined });
  });

  test("lets what follows it through", () => {
    expect(run([Buffer.from(`a${text}b`)])).toEqual({ data: "ab", marker });
  });

  test("has another name each time", () => {
    expect(markerName()).toMatch(/^[0-9a-f]{32}$/);
    expect(markerName()).not.toBe(markerName());
  });
});

test("any bytes in any chunks go through unchanged, with the marker behind them or without", () => {
  // Of few different bytes, so that beginnings of the name are common.
  const bytes = fc.array(fc.constantFrom(...Buffer.from("0123456789abcdef0x")), { maxLength: 200 });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), fc.boolean(), (chunks, marked) => {
      const own = chunks.map((chunk) => Buffer.from(chunk));
      const whole = Buffer.concat(own).toString("latin1");
      fc.pre(!whole.includes(name));
      const result = run(marked ? [...own, Buffer.from(text)] : own);
      expect(result).toEqual({ data: whole, marker: marked ? marker : undefined });
    }),
  );
});
