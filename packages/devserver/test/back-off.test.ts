import { expect, test } from "vitest";
import { createBackOff } from "../src/pods/back-off.ts";
import { storedPod } from "./stored-pod.ts";

const pod = storedPod({ name: "a", namespace: "b", uid: "c" });

/** The pauses after runs of so many milliseconds. */
function pauses(...runsMs: number[]): (string | undefined)[] {
  const backOff = createBackOff("main", pod);
  return runsMs.map((ms) =>
    backOff.next(ms)?.message.replace(" restarting failed container=main pod=a_b(c)", ""),
  );
}

test("the first restart comes at once, each other after twice the time, up to 5 minutes", () => {
  expect(pauses(0, 0, 0, 0, 0, 0, 0, 0)).toEqual([
    undefined,
    "back-off 10s",
    "back-off 20s",
    "back-off 40s",
    "back-off 1m20s",
    "back-off 2m40s",
    "back-off 5m0s",
    "back-off 5m0s",
  ]);
});

test("after a run of 10 minutes everything is as at first", () => {
  expect(pauses(0, 0, 0, 600_000, 0, 599_999)).toEqual([
    undefined,
    "back-off 10s",
    "back-off 20s",
    undefined,
    "back-off 10s",
    "back-off 20s",
  ]);
});
