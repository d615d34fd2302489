import { expect, test } from "vitest";
import { turnsOf } from "../src/turns.ts";

test.each([1, 2, 3, 4, 5, 6, 7])("each of %i lanes follows each other one equally often", (lanes) => {
  const follows = new Map<string, number>();
  for (let round = 0; round < 2 * lanes; round += 1) {
    const order = turnsOf(round, lanes);
    expect([...order].sort((one, other) => one - other)).toEqual([...Array(lanes).keys()]);
    for (let turn = 1; turn < lanes; turn += 1) {
      const pair = `${order[turn]} after ${order[turn - 1]}`;
      follows.set(pair, (follows.get(pair) ?? 0) + 1);
    }
  }
  expect(follows.size).toBe(lanes * (lanes - 1));
  expect([...new Set(follows.values())]).toEqual(lanes > 1 ? [2] : []);
});
