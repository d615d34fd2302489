import { describe, expect, test } from "vitest";
import type { ContainerSpec, Pod, PodSpec } from "../src/pods/pod.ts";
import { podOf, podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { openSession } from "./sessions.ts";

const served = serve("init");

/** A Pod with init containers, each a line of shell; a sidecar's begins with `&`. */
async function create(scripts: Record<string, string>, script: string, spec: Partial<PodSpec> = {}) {
  const name = served.newName();
  const initContainers = Object.entries(scripts).map(([one, text]): ContainerSpec => {
    const isSidecar = text.startsWith("&");
    return {
      name: one,
      image: "busybox",
      ...shell(text.replace(/^&/, "")),
      ...(isSidecar && { restartPolicy: "Always" }),
    };
  });
  await served.requests.create(name, shell(script), { initContainers, ...spec });
  return name;
}

/** Ends what waits for it in a container. */
async function release(pod: string, container: string): Promise<void> {
  const session = await openSession(
    served.server,
    `${pod}/exec?container=${container}&command=touch&command=go&stdout=true`,
  );
  await session.closed;
}

const waits = "until [ -e go ]; do sleep 0.02; done";

const runs = (container: string) => (pod: Pod) => statusOf(pod, container)?.state.running !== undefined;

function statusOf({ status }: Pod, container: string) {
  const { initContainerStatuses = [], containerStatuses = [] } = status;
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

const conditionOf = ({ status }: Pod, type: string) => status.conditions?.find((one) => one.type === type);

const logOf = async (name: string, container: string) =>
  (await served.requests.send("GET", `${podsPath}/${name}/log?container=${container}`)).text;

describe("init containers", () => {
  test("run one after the other, before the containers", async () => {
    const name = await create({ one: waits, two: waits }, "sleep 1000");
    const first = await served.requests.until(name, runs("one"));
    const waiting = { waiting: { reason: "PodInitializing" } };
    expect(first.status).toMatchObject({
      phase: "Pending",
      initContainerStatuses: [
        { name: "one", ready: false, started: true },
        { name: "two", ready: false, started: false, state: waiting },
      ],
      containerStatuses: [{ name: "main", ready: false, started: false, state: waiting }],
    });
    expect(conditionOf(first, "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [one two]",
    });
    expect(conditionOf(first, "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    });
    await release(name, "one");
    const second = await served.requests.until(name, runs("two"));
    expect(statusOf(second, "one")).toMatchObject({ ready: true, started: false });
    expect(conditionOf(second, "Initialized")?.message).toBe("containers with incomplete status: [two]");
    await release(name, "two");
    const last = await served.requests.until(name, runs("main"));
    expect([
      last.status.phase,
      conditionOf(last, "Initialized")?.status,
      conditionOf(last, "Ready")?.status,
    ]).toEqual(["Running", "True", "True"]);
    await served.requests.delete(name);
  });

  test("that fail with Never end the Pod, and nothing else begins", async () => {
    const name = await create({ one: "echo tried; exit 4", two: "true" }, "true");
    const { status } = await served.requests.until(name, (pod) => pod.status.phase === "Failed");
    expect(status).toMatchObject({
      initContainerStatuses: [
        { state: { terminated: { exitCode: 4, reason: "Error" } }, ready: false },
        { state: { waiting: { reason: "PodInitializing" } }, ready: false },
      ],
      containerStatuses: [{ state: { waiting: { reason: "PodInitializing" } } }],
    });
    expect(await logOf(name, "one")).toBe("tried\n");
    expect(JSON.parse(await logOf(name, "main")).message).toBe(
      `container "main" in pod "${name}" is waiting to start: PodInitializing`,
    );
  });

  test.for(["Always", "OnFailure"] as const)("that fail with %s run again, after a pause", async (policy) => {
    const name = await create({ one: "exit 4" }, "true", { restartPolicy: policy });
    const pod = await served.requests.until(
      name,
      (one) => statusOf(one, "one")?.state.waiting?.reason === "CrashLoopBackOff",
    );
    expect([pod.status.phase, statusOf(pod, "one")?.restartCount]).toEqual(["Pending", 1]);
    await served.requests.delete(name, "gracePeriodSeconds=30");
    await served.requests.gone(name);
  });

  test("that succeed in the end let the containers begin", async () => {
    const name = await create({ one: "case $HOME in *-0) exit 1;; esac" }, "sleep 1000", {
      restartPolicy: "OnFailure",
    });
    const pod = await served.requests.until(name, runs("main"));
    expect(statusOf(pod, "one")).toMatchObject({ restartCount: 1, ready: true });
    await served.requests.delete(name);
  });

  test("without an image keep the Pod pending", async () => {
    const name = await create({}, "true", { initContainers: [{ name: "one", image: "nope" }] });
    const pod = await served.requests.until(
      name,
      (one) => statusOf(one, "one")?.state.waiting?.message !== undefined,
    );
    expect([pod.status.phase, statusOf(pod, "one")?.state.waiting?.reason]).toEqual([
      "Pending",
      "ErrImagePull",
    ]);
    await served.requests.delete(name, "gracePeriodSeconds=30");
    await served.requests.gone(name);
  });

  test("that run are ended with their Pod, and the rest does not begin", async () => {
    const name = await create({ one: "sleep 1000" }, "true");
    await served.requests.until(name, runs("one"));
    const { resourceVersion } = (await served.requests.get(name)).metadata;
    await served.requests.delete(name, "gracePeriodSeconds=20");
    const query = `resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`;
    for await (const { type, object } of served.requests.watch(query)) {
      expect(statusOf(object, "main")?.state).toEqual({ waiting: { reason: "PodInitializing" } });
      if (type === "DELETED") break;
    }
  });
});

describe("a sidecar", () => {
  test("runs beside what comes after it, and ends after it", async () => {
    const name = await create({ side: "&echo side; sleep 1000", two: "echo two" }, waits);
    const pod = await served.requests.until(name, runs("main"));
    expect(statusOf(pod, "side")).toMatchObject({ ready: true, started: true });
    expect(statusOf(pod, "two")?.state.terminated?.exitCode).toBe(0);
    await release(name, "main");
    const ended = await served.requests.until(name, (one) => one.status.phase === "Succeeded");
    expect(statusOf(ended, "side")?.state.terminated?.exitCode).toBe(143);
    expect(await logOf(name, "side")).toBe("side\n");
  });

  test("is started again whenever it ends", async () => {
    const name = await create({ side: "&exit 0" }, "sleep 1000");
    const pod = await served.requests.until(
      name,
      (one) => statusOf(one, "side")?.state.waiting?.reason === "CrashLoopBackOff",
    );
    expect(statusOf(pod, "side")?.restartCount).toBe(1);
    expect(conditionOf(pod, "ContainersReady")?.message).toBe("containers with unready status: [side]");
    await served.requests.delete(name);
  });

  test("ends when an init container behind it fails for good", async () => {
    const name = await create({ side: "&sleep 1000", two: "exit 1" }, "true");
    const pod = await served.requests.until(
      name,
      (one) => statusOf(one, "side")?.state.terminated !== undefined,
    );
    expect(pod.status.phase).toBe("Failed");
  });

  test("is the last to end with its Pod, the first one behind the second", async () => {
    const ends = (text: string): string => `&trap 'exit ${text}' TERM; while :; do sleep 0.02; done`;
    const name = await create({ first: ends("11"), second: ends("12") }, ends("13").slice(1));
    await served.requests.until(name, runs("main"));
    const { resourceVersion } = (await served.requests.get(name)).metadata;
    await served.requests.delete(name, "gracePeriodSeconds=20");
    const order: string[] = [];
    const query = `resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`;
    for await (const { type, object } of served.requests.watch(query)) {
      for (const container of ["first", "second", "main"]) {
        if (statusOf(object, container)?.state.terminated && !order.includes(container))
          order.push(container);
      }
      if (type === "DELETED") break;
    }
    expect(order).toEqual(["main", "second", "first"]);
  });
});

describe("what is wrong with init containers is refused:", () => {
  const main = { name: "main", image: "busybox" };
  test.for([
    [[main], 'spec.initContainers[0].name: Duplicate value: "main"'],
    [
      [{ name: "one", image: "busybox", restartPolicy: "Never" }],
      'spec.initContainers[0].restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [[{ name: "one" }], "spec.initContainers[0].image: Required value"],
  ] as const)("%j", async ([initContainers, message]) => {
    const body = podOf("wrong", {});
    const { status, text } = await served.requests.send("POST", podsPath, {
      ...body,
      spec: { ...body.spec, initContainers },
    });
    expect([status, JSON.parse(text).message]).toEqual([422, `Pod "wrong" is invalid: ${message}`]);
  });
});

test("a container is named among all, where none is the only one", async () => {
  const name = await create({ one: "true" }, "sleep 1000", {
    containers: [
      { name: "a", image: "busybox", command: ["sleep", "1000"] },
      { name: "b", image: "busybox", command: ["sleep", "1000"] },
    ],
  });
  await served.requests.until(name, runs("b"));
  expect(JSON.parse(await logOf(name, "")).message).toBe(
    `a container name must be specified for pod ${name}, choose one of: [one a b]`,
  );
  await served.requests.delete(name);
});
