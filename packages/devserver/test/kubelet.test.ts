import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Process, ProcessExit, Start } from "../src/containers/process.ts";
import { createKubelet, type Kubelet } from "../src/pods/kubelet.ts";
import type { Pod } from "../src/pods/pod.ts";
import type { KubernetesObject } from "../src/rest/object.ts";
import { sized } from "../src/rest/storage.ts";
import { createStore, type Store } from "../src/rest/store.ts";
import { storedPod } from "./stored-pod.ts";

let store: Store;
let folder: string;
let configmaps: Store<KubernetesObject>;
let kubelet: Kubelet;
/** What has been asked to start; each waits until it is let go. */
let starts: { readonly folder: string; readonly exec: boolean; readonly go: (process: Process) => void }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podwire-kubelet-"));
  store = createStore();
  configmaps = createStore<KubernetesObject>();
  starts = [];
  const start: Start = (spec) =>
    new Promise((go) => {
      starts.push({ folder: spec.folder, exec: spec.exec, go });
    });
  kubelet = createKubelet(store, () => start, folder, {
    configmaps,
    secrets: createStore(),
  });
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function insert(uid = "one"): Pod {
  const pod = storedPod({ name: "web", uid }, { containers: [{ name: "main", image: "x" }] });
  return store.insert(sized(pod));
}

/** A program that notes its signals and ends at SIGKILL alone. */
function createStubborn(): { readonly process: Process; readonly signals: string[] } {
  const signals: string[] = [];
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let end: (exit: ProcessExit) => void = () => undefined;
  const exit = new Promise<ProcessExit>((resolve) => {
    end = resolve;
  });
  const process: Process = {
    stdin: undefined,
    stdout,
    stderr,
    exit,
    alive: true,
    resize: () => undefined,
    sweep: () => undefined,
    kill(signal) {
      signals.push(signal);
      if (signal !== "SIGKILL") return;
      stdout.end();
      stderr.end();
      end({ code: 137 });
    },
  };
  return { process, signals };
}

/** Resolves with the first change that is so. */
function changed(condition: (pod: Pod) => boolean): Promise<Pod> {
  return new Promise((resolve) => {
    store.follow(1, ({ object: pod }) => {
      if (condition(pod)) resolve(pod);
    });
  });
}

async function started(count: number): Promise<void> {
  // Its folder is made before a program starts.
  while (starts.length < count) await new Promise(setImmediate);
}

test("a program that is still being started when its Pod has to end at once is ended", async () => {
  const pod = insert();
  kubelet.start(pod);
  await started(1);
  const stopping = kubelet.stop(pod, 0);
  // The time to end it has passed before there is anything to end.
  await new Promise((resolve) => setTimeout(resolve, 5));
  const { process, signals } = createStubborn();
  starts[0]?.go(process);
  await stopping;
  expect(signals[0]).toBe("SIGKILL");
  expect(store.list()).toEqual([]);
  expect(existsSync(starts[0]?.folder ?? "")).toBe(false);
});

test("a program that is still being started when its Pod has to end is asked first", async () => {
  const pod = insert();
  kubelet.start(pod);
  await started(1);
  const stopping = kubelet.stop(pod, 1_000);
  const { process, signals } = createStubborn();
  starts[0]?.go(process);
  while (signals.length === 0) await new Promise(setImmediate);
  expect(signals).toEqual(["SIGTERM"]);
  await Promise.all([kubelet.stop(pod, 0), stopping]);
  expect(signals[1]).toBe("SIGKILL");
});

test("a second, longer grace period does not put off the end", async () => {
  const pod = insert();
  kubelet.start(pod);
  await started(1);
  starts[0]?.go(createStubborn().process);
  await changed(({ status }) => status.phase === "Running");
  await Promise.all([kubelet.stop(pod, 0.05), kubelet.stop(pod, 1_000)]);
});

test("an exec that is started while its container ends is ended with it", async () => {
  const pod = insert();
  kubelet.start(pod);
  await started(1);
  starts[0]?.go(createStubborn().process);
  await changed(({ status }) => status.phase === "Running");
  const container = kubelet.running(pod, "main");
  const executing = container?.exec(["late"], false, false);
  await started(2);
  await kubelet.stop(pod, 0);
  const late = createStubborn();
  starts[1]?.go(late.process);
  expect(await (await executing)?.exit).toEqual({ code: 137 });
  await expect(container?.exec(["later"], false, false)).rejects.toThrow(
    "container is in CONTAINER_EXITED state",
  );
  expect(starts).toHaveLength(2);
});

test("a Pod that is deleted before it is launched is not launched", async () => {
  const pod = insert();
  kubelet.start(pod);
  const deletion = { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 };
  const dying = store.update("default", "web", (one) => ({
    ...one,
    metadata: { ...one.metadata, ...deletion },
  }));
  await kubelet.stop(dying ?? pod, 0);
  await new Promise(setImmediate);
  expect([starts, store.list()]).toEqual([[], []]);
});

test("a Pod that took the name of one that was never launched is not touched in its place", async () => {
  const first = insert();
  kubelet.start(first);
  store.remove("default", "web");
  const { metadata } = insert("two");
  await new Promise(setImmediate);
  expect(starts).toEqual([]);
  expect(store.read("default", "web")?.metadata.resourceVersion).toBe(metadata.resourceVersion);
});

test("nothing is launched once it is closed", async () => {
  await kubelet.close();
  kubelet.start(insert());
  await new Promise(setImmediate);
  expect(store.read("default", "web")?.spec.nodeName).toBeUndefined();
});

test("a grace period beyond what a timer can wait does not end at once", async () => {
  const pod = insert();
  kubelet.start(pod);
  await started(1);
  const { process, signals } = createStubborn();
  starts[0]?.go(process);
  await changed(({ status }) => status.phase === "Running");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const stopping = kubelet.stop(pod, 9_000_000);
  vi.advanceTimersByTime(86_400_000);
  vi.useRealTimers();
  expect(signals).toEqual(["SIGTERM"]);
  await Promise.all([kubelet.stop(pod, 0), stopping]);
});

test("a config map that comes in the moment after it was missed is not missed for ever", async () => {
  const read = configmaps.read.bind(configmaps);
  let misses = 0;
  configmaps.read = (namespace, name) => {
    const found = read(namespace, name);
    if (!found && misses++ === 0) {
      const { metadata } = storedPod({ name });
      const late = { kind: "ConfigMap", apiVersion: "v1", metadata, data: { x: "there" } };
      queueMicrotask(() => configmaps.insert(sized(late)));
    }
    return found;
  };
  const env = [{ name: "A", valueFrom: { configMapKeyRef: { name: "late", key: "x" } } }];
  const pod = storedPod({ name: "web", uid: "one" }, { containers: [{ name: "main", image: "x", env }] });
  kubelet.start(store.insert(sized(pod)));
  await started(1);
  expect(misses).toBe(1);
  const stopping = kubelet.stop(pod, 0);
  starts[0]?.go(createStubborn().process);
  await stopping;
});
