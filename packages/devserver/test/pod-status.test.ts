import { expect, test } from "vitest";
import type { ContainerState, ContainerStatus } from "../src/pods/pod.ts";
import { phaseOf, podStatusOf } from "../src/pods/pod-status.ts";
import { storedPod } from "./stored-pod.ts";

const time = "2026-01-01T00:00:00Z";

function ended(exitCode: number): ContainerState {
  return { terminated: { exitCode, reason: "x", startedAt: time, finishedAt: time, containerID: "x" } };
}

function statusOf(state: ContainerState, lastState: ContainerState = {}): ContainerStatus {
  const runs = state.running !== undefined;
  return {
    name: "main",
    image: "x",
    imageID: "x",
    state,
    lastState,
    ready: runs,
    started: runs,
    restartCount: 0,
  };
}

const waiting = statusOf({ waiting: { reason: "ContainerCreating" } });
const initializing = statusOf({ waiting: { reason: "PodInitializing" } });
const running = statusOf({ running: { startedAt: time } });
const good = statusOf(ended(0));
const bad = statusOf(ended(1));
const backedOff = statusOf({ waiting: { reason: "CrashLoopBackOff" } }, ended(1));

test.for([
  ["Always", "one that waits", [waiting], "Pending"],
  ["Always", "one that waits beside one that runs", [running, waiting], "Pending"],
  ["Never", "one that waits beside one that has ended", [good, waiting], "Pending"],
  ["Always", "one that runs", [running], "Running"],
  ["Always", "one that has ended well", [good], "Running"],
  ["Always", "one that has failed", [bad], "Running"],
  ["Always", "one that will start again", [backedOff], "Running"],
  ["OnFailure", "one that has ended well", [good], "Succeeded"],
  ["OnFailure", "one that has failed", [bad], "Running"],
  ["OnFailure", "one that will start again", [backedOff], "Running"],
  ["OnFailure", "one that has failed beside one that has not", [good, bad], "Running"],
  ["Never", "all that have ended well", [good, good], "Succeeded"],
  ["Never", "one of them that has failed", [good, bad], "Failed"],
  ["Never", "one that has failed beside one that runs", [bad, running], "Running"],
] as const)("with %s, %s is %j", ([policy, , statuses, phase]) => {
  expect(phaseOf(statuses, policy)).toBe(phase);
});

test.for([
  ["Always", "one that waits", [initializing], [], "Pending"],
  ["Always", "one that runs", [running], [], "Pending"],
  ["Always", "one that has failed", [bad], [], "Pending"],
  ["OnFailure", "one that will start again", [backedOff], [], "Pending"],
  ["Never", "one that has failed", [bad], [], "Failed"],
  ["Never", "one that has failed before one that waits", [bad, initializing], [], "Failed"],
  ["Never", "one that has ended well", [good], [], "Succeeded"],
  ["Never", "one that has ended well, and a sidecar that runs", [good], [running], "Running"],
  ["Never", "a sidecar that was killed", [], [bad], "Succeeded"],
] as const)("with %s, before what has ended well, %s is %j", ([policy, , initial, sidecars, phase]) => {
  expect(phaseOf([good], policy, initial, sidecars)).toBe(phase);
});

test("a condition keeps the time at which it became what it is", () => {
  const conditionsBefore = [
    { type: "PodScheduled", status: "True", lastTransitionTime: time },
    { type: "Ready", status: "False", reason: "ContainersNotReady", lastTransitionTime: time },
  ];
  const pod = storedPod({ name: "a" }, {}, { startTime: time, conditions: conditionsBefore });
  const { conditions, startTime } = podStatusOf(pod, { containerStatuses: [running] }, true);
  expect(startTime).toBe(time);
  const [, , ready, , scheduled] = conditions ?? [];
  expect(scheduled).toEqual({
    type: "PodScheduled",
    status: "True",
    observedGeneration: 1,
    lastProbeTime: null,
    lastTransitionTime: time,
  });
  expect(ready).toMatchObject({ type: "Ready", status: "True" });
  expect(ready?.lastTransitionTime).not.toBe(time);
  expect(ready).not.toHaveProperty("reason");
});
