import { describe, expect, test } from "vitest";
import type { Pod } from "../src/index.ts";
import { containerOf, readinessOf } from "../src/subresources/container.ts";

type Spec = NonNullable<Pod["spec"]>;
type Status = NonNullable<Pod["status"]>;
type ContainerStatus = NonNullable<Status["containerStatuses"]>[number];
type State = NonNullable<ContainerStatus["state"]>;

const statusOf = (more: Partial<ContainerStatus>): ContainerStatus => ({
  name: "main",
  image: "busybox:1.36",
  imageID: "",
  ready: false,
  restartCount: 0,
  ...more,
});

const pod = (spec: Partial<Spec>, status: Partial<Status> = {}, metadata: Pod["metadata"] = {}): Pod => ({
  metadata: { name: "p", ...metadata },
  spec: { containers: [{ name: "main" }], ...spec },
  status,
});
const annotated = (name: string) => ({ annotations: { "kubectl.kubernetes.io/default-container": name } });
const two = { containers: [{ name: "a" }, { name: "b", tty: true }] };

describe("the container meant", () => {
  test.each<[string, Pod, string | undefined, string | undefined]>([
    ["is the only one", pod({}), undefined, "main"],
    ["is nobody's guess among several", pod(two), undefined, undefined],
    ["is the annotated one among several", pod(two, {}, annotated("b")), undefined, "b"],
    ["is the one named, whatever the annotation", pod(two, {}, annotated("b")), "a", "a"],
    ["is not one that the annotation invents", pod(two, {}, annotated("c")), undefined, undefined],
    ["is the only one when the annotation invents one", pod({}, {}, annotated("c")), undefined, "main"],
    ["is the server's to refuse when the name is unknown", pod({}), "c", undefined],
    ["may be an init container by name", pod({ initContainers: [{ name: "i" }] }), "i", "i"],
    ["may be an ephemeral container by name", pod({ ephemeralContainers: [{ name: "e" }] }), "e", "e"],
    [
      "is never an init container by default",
      pod({ containers: [], initContainers: [{ name: "i" }] }),
      undefined,
      undefined,
    ],
    ["is none in a Pod without a spec", {}, undefined, undefined],
  ])("%s", (_rule, object, named, expected) => {
    expect(containerOf(object, named)?.name).toBe(expected);
  });

  test("comes with its switches and its instance", () => {
    const spec = { containers: [{ name: "main", stdin: true, stdinOnce: true, tty: true }] };
    const containerStatuses = [statusOf({ containerID: "containerd://1" })];
    expect(containerOf(pod(spec, { containerStatuses }), undefined)).toEqual({
      name: "main",
      stdin: true,
      stdinOnce: true,
      tty: true,
      id: "containerd://1",
    });
    expect(containerOf(pod({}), undefined)).toEqual({
      name: "main",
      stdin: false,
      stdinOnce: false,
      tty: false,
      id: undefined,
    });
  });
});

describe("whether a container runs, will, or never can", () => {
  const running = { running: { startedAt: "now" } };
  const ended = (exitCode: number) => ({
    terminated: { exitCode, reason: exitCode ? "Error" : "Completed" },
  });
  const waiting = (reason: string, message?: string) => ({
    waiting: { reason, ...(message && { message }) },
  });
  const main = (state: State, phase: Status["phase"] = "Running"): Partial<Status> => ({
    phase,
    containerStatuses: [statusOf({ state })],
  });
  const init = (state: State): Partial<Status> => ({
    phase: "Pending",
    initContainerStatuses: [statusOf({ state })],
  });
  const afterInit = (state: State): Partial<Status> => ({
    ...main(waiting("PodInitializing"), "Pending"),
    initContainerStatuses: [statusOf({ name: "i", state })],
  });
  const initial = (more: object = {}): Partial<Spec> => ({
    containers: [],
    initContainers: [{ name: "main", ...more }],
  });

  test.each<[Pod, "running" | "waiting" | "never", string?]>([
    [pod({}, main(running)), "running"],
    [pod({}, main(running), { deletionTimestamp: "now" }), "running"],
    [pod({}, init(running)), "running"],
    [pod({}, { ephemeralContainerStatuses: [statusOf({ state: running })] }), "running"],

    [{}, "waiting", "the Pod's phase is Pending"],
    [pod({}, { phase: "Pending" }), "waiting", "the Pod's phase is Pending"],
    [
      pod(
        {},
        { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes" }] },
      ),
      "waiting",
      "the Pod's phase is Pending and it is not scheduled: 0/3 nodes",
    ],
    [
      pod({}, main(waiting("ContainerCreating"), "Pending")),
      "waiting",
      "container main is waiting: ContainerCreating",
    ],
    [
      pod({}, main(waiting("ImagePullBackOff", "no such image"))),
      "waiting",
      "ImagePullBackOff: no such image",
    ],
    [pod({}, main(waiting("CrashLoopBackOff"))), "waiting", "CrashLoopBackOff"],
    [pod({}, main(ended(1))), "waiting", "container main is to start again (exit code 1, Error)"],
    [pod({}, main(ended(0))), "waiting", "is to start again (exit code 0, Completed)"],
    [pod({ restartPolicy: "OnFailure" }, main(ended(1))), "waiting"],
    [
      pod(
        { restartPolicy: "Never", containers: [{ name: "main", restartPolicy: "Always" }] },
        main(ended(1)),
      ),
      "waiting",
    ],
    [pod({ restartPolicy: "OnFailure", ...initial() }, init(ended(1))), "waiting"],
    [pod({ restartPolicy: "Never", ...initial({ restartPolicy: "Always" }) }, init(ended(0))), "waiting"],

    [
      pod({ ephemeralContainers: [{ name: "main" }], containers: [] }, { phase: "Running" }),
      "waiting",
      "container main has no state yet",
    ],
    [
      pod({}, afterInit(waiting("ImagePullBackOff", "no such image"))),
      "waiting",
      "container main is waiting: PodInitializing, for init container i: ImagePullBackOff: no such image",
    ],
    [pod({}, afterInit(running)), "waiting", "PodInitializing, for init container i: it is running"],
    // One that runs along is not waited for.
    [
      pod({ initContainers: [{ name: "i", restartPolicy: "Always" }] }, afterInit(running)),
      "waiting",
      "container main is waiting: PodInitializing",
    ],

    [pod({}, afterInit(waiting("ErrImageNeverPull"))), "never", "for init container i: ErrImageNeverPull"],
    [pod({}, main(waiting("ErrImageNeverPull"))), "never", "ErrImageNeverPull"],
    [pod({}, main(waiting("InvalidImageName"))), "never", "InvalidImageName"],
    [pod({}, { phase: "Pending" }, { deletionTimestamp: "now" }), "never", "the Pod is being deleted"],
    [pod({}, main(ended(9), "Failed")), "never", "the Pod's phase is Failed (exit code 9, Error)"],
    [pod({}, { phase: "Succeeded" }), "never", "the Pod's phase is Succeeded"],
    [
      pod({ restartPolicy: "Never" }, main(ended(1))),
      "never",
      "container main has ended (exit code 1, Error)",
    ],
    [pod({ restartPolicy: "OnFailure" }, main(ended(0))), "never"],
    // An init container that has succeeded does not run again, whatever the Pod's policy.
    [pod(initial(), init(ended(0))), "never"],
    [pod({ restartPolicy: "Never", ...initial() }, init(ended(1))), "never"],
    [
      pod(
        { containers: [], ephemeralContainers: [{ name: "main" }] },
        { phase: "Running", ephemeralContainerStatuses: [statusOf({ state: ended(1) })] },
      ),
      "never",
    ],
  ])("%j", (object, state, why = "") => {
    const readiness = readinessOf(object, "main");
    expect(readiness.state).toBe(state);
    if (readiness.state !== "running") expect(readiness.why).toContain(why);
  });
});
