import fc from "fast-check";
import { expect, test } from "vitest";
import { compareQuantities, parseQuantity } from "../src/schema/quantity.ts";

function compared(one: string, other: string): number | undefined {
  const [left, right] = [parseQuantity(one), parseQuantity(other)];
  return left && right && compareQuantities(left, right);
}

test.each([
  ["1", "1000m", 0],
  ["1", "1e0", 0],
  ["1Gi", "1024Mi", 0],
  ["1G", "1Gi", -1],
  ["1E", "1000P", 0],
  ["0.1", "100m", 0],
  ["+1", "1", 0],
  [".5", "500m", 0],
  ["1.", "1", 0],
  ["1n", "0", 1],
  ["1u", "1000n", 0],
  ["-1", "0", -1],
  ["1.5Gi", "1536Mi", 0],
  ["12E3", "12k", 0],
  ["5e-1", "500m", 0],
])("%s beside %s", (one, other, order) => {
  expect(compared(one, other)).toBe(order);
});

test.each(["", "m", "1K", "1e3k", "1kB", "1 Gi", "1e", "--1", "1e1001", "0x1", "NaN"])(
  "%j is none",
  (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  },
);

test("so many thousandths are a fraction of a thousandth part", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.constantFrom("", "k", "M", "Ki", "Ei"), (count, unit) => {
      expect(compared(`${count}000${unit}`, `${BigInt(count) * 1000n}${unit}`)).toBe(0);
      expect(compared(`${count}m`, String(BigInt(count) * 1000n))).toBe(count === 0 ? 0 : count < 0 ? 1 : -1);
    }),
  );
});
