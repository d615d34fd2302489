import { expect, test } from "vitest";
import { markdownTable, missesOf, type Row } from "../src/table.ts";

const rowOf = (...rates: readonly (readonly number[])[]): Row<{ readonly label: string }> => ({
  condition: "4 KiB",
  lanes: rates.map((_, index) => ({ label: `lane ${index}` })),
  outcomes: rates.map((numbers) => numbers.map((rate) => ({ numbers: { rate } }))),
});
const rate = { key: "rate", heading: "MiB/s", ratio: true };

test("a lane has missed its bound when three quarters of its rounds have", () => {
  const row = rowOf([100, 100, 100, 100], [89, 50, 89, 50], [50, 50, 50, 91], [91, 99, 120, 90]);
  const missed = ["4 KiB, lane 1: MiB/s is 0.89 of ws, and not at least 0.9"];
  expect(missesOf([row], [{ ...rate, least: 0.9 }], "ws")).toEqual(missed);
  expect(markdownTable("", [row], [{ ...rate, least: 0.9 }])).toContain(missed[0]);
  expect(missesOf([row], [{ ...rate, most: 0.89 }], "ws")).toEqual([
    "4 KiB, lane 0: MiB/s is 1.00 of ws, and not at most 0.89",
    "4 KiB, lane 3: MiB/s is 0.99 of ws, and not at most 0.89",
  ]);
});

test("nothing is missed where nothing was measured, or no bound was set", () => {
  expect(missesOf([rowOf([], [])], [{ ...rate, least: 0.9, most: 0.1 }], "ws")).toEqual([]);
  expect(missesOf([rowOf([100], [1])], [rate], "ws")).toEqual([]);
});
