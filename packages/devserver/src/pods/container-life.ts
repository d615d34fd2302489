import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { removeFolder } from "../containers/folder.ts";
import type { FindImage } from "../containers/images.ts";
import type { ProcessSpec, Start } from "../containers/process.ts";
import { messageOf } from "../errors.ts";
import type { ContainerLog } from "../logs/container-log.ts";
import { createBackOff } from "./back-off.ts";
import { type ContainerInstance, createInstance } from "./container-instance.ts";
import { type PodResources, planOf } from "./container-plan.ts";
import { type ContainerRole, restarts, restartsWhenIll } from "./container-role.ts";
import {
  type ContainerSpec,
  type ContainerState,
  type ContainerStatus,
  type ContainerUser,
  type Pod,
  type Terminated,
  timestamp,
} from "./pod.ts";
import { ConfigError, MountError } from "./pod-config.ts";
import type { ContainerEvent } from "./pod-event.ts";
import { type RunningContainer, startContainer } from "./running-container.ts";

/** One container of a Pod, from its creation over its restarts to its end. */
export interface ContainerLife {
  readonly role: ContainerRole;
  readonly status: ContainerStatus;
  /** What runs now, if anything does. */
  readonly running: RunningContainer | undefined;
  /** What an instance has written: the one that runs or ran last, or the one before it. */
  log(containerID: string): ContainerLog | undefined;
  /** Runs it, as often as it has to; resolves when it will run no more, at once after `stop`. */
  run(): Promise<void>;
  /** True when it has started for the first time: it runs, its hook is done and its startup probe has succeeded. */
  readonly started: Promise<true>;
  /** Resolves when it has been tried to run it: the next one waits for its hook, and for nothing else. */
  readonly tried: Promise<void>;
  /** Asks the program to end, and ends it after the grace period; a later request can only shorten that. */
  stop(graceMs: number): Promise<void>;
}

export interface ContainerLifeOptions {
  readonly pod: Pod;
  readonly spec: ContainerSpec;
  readonly role: ContainerRole;
  readonly findImage: FindImage;
  readonly resources: PodResources;
  /** The status has changed. */
  readonly changed: () => void;
  readonly tell: (event: ContainerEvent) => void;
}

export function createContainerLife(options: ContainerLifeOptions): ContainerLife {
  const { pod, spec, role, findImage, resources, changed, tell } = options;
  const policy = pod.spec.restartPolicy;
  const backOff = createBackOff(spec.name, pod);
  const awaitsOthers = role !== "ephemeral" && pod.spec.initContainers !== undefined;
  const creating = awaitsOthers ? "PodInitializing" : "ContainerCreating";
  let state: ContainerState = { waiting: { reason: creating } };
  let lastState: ContainerState = {};
  let restartCount = 0;
  let containerID: string | undefined;
  let instance: ContainerInstance | undefined;
  const logs = new Map<string, ContainerLog>();
  /** When to end it, by `performance.now()`; undefined while nobody has asked. */
  let killAt: number | undefined;
  const stopping = new AbortController();
  const started = createSignal();
  const tried = createSignal();
  let over: Promise<void> | undefined;

  const look = (): void => {
    if (instance?.started) started.give();
    changed();
  };
  const become = (next: ContainerState): void => {
    state = next;
    look();
    tried.give();
  };

  const live = async (): Promise<void> => {
    const start = findImage(spec.image);
    if (!start) {
      become({ waiting: missingImage(spec) });
      return;
    }
    while (killAt === undefined) {
      const startedMs = performance.now();
      const run = await runOnce(start);
      if (!run) return;
      const { terminated, ill = false, fault } = run;
      const again =
        killAt === undefined &&
        (restarts(role, policy, terminated.exitCode) || (ill && restartsWhenIll(role, policy)));
      if (again && fault !== undefined) {
        lastState = { terminated };
        become({ waiting: { reason: "PostStartHookError", message: fault } });
      } else become({ terminated });
      if (!again) return;
      lastState = { terminated };
      const waiting = backOff.next(performance.now() - startedMs);
      if (waiting) {
        become({ waiting });
        await backOff.wait();
        if (killAt !== undefined) {
          become({ terminated });
          return;
        }
      }
      restartCount += 1;
    }
  };

  /** What to start, as soon as all that it refers to is there; undefined when it has to end before. */
  const planned = async (root: string): Promise<ProcessSpec | undefined> => {
    while (killAt === undefined) {
      // What is missing may come while what was made so far is removed.
      const changed = resources.config.mark();
      try {
        return await planOf(pod, spec, resources, root);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        await removeFolder(root);
        const reason = error instanceof MountError ? creating : "CreateContainerConfigError";
        become({ waiting: { reason, message: error.message } });
        await changed(stopping.signal);
      }
    }
    return undefined;
  };

  const runOnce = async (start: Start): Promise<Run | undefined> => {
    const folder = join(resources.folder, `${spec.name}-${restartCount}`);
    const id = randomBytes(32).toString("hex");
    const own = `devserver://${id}`;
    let startedAt = timestamp();
    let running: RunningContainer;
    try {
      const plan = await planned(folder);
      if (!plan) return undefined;
      startedAt = timestamp();
      running = await startContainer(id, spec, start, plan);
    } catch (error) {
      const message = messageOf(error);
      await removeFolder(folder);
      containerID = own;
      const ended = { startedAt, finishedAt: timestamp(), containerID };
      return { terminated: { exitCode: 128, reason: "StartError", message, ...ended } };
    }
    containerID = own;
    for (const old of logs.keys()) if (old !== lastState.terminated?.containerID) logs.delete(old);
    logs.set(containerID, running.log);
    instance = createInstance(running, {
      pod,
      restarts: restartsWhenIll(role, policy),
      changed: look,
      tell,
    });
    // Asked to end while it was being started.
    if (killAt !== undefined) instance.end(killAt);
    // Its hook may take a while, and it is there already.
    if (spec.lifecycle?.postStart) changed();
    if (await instance.begun) become({ running: { startedAt } });
    const { code } = await running.over;
    const { ill, fault } = instance;
    instance = undefined;
    await removeFolder(folder);
    const reason = code === 0 ? "Completed" : "Error";
    const terminated = { exitCode: code, reason, startedAt, finishedAt: timestamp(), containerID };
    return { terminated, ill, fault };
  };

  return {
    role,
    started: started.given,
    tried: tried.given.then(() => undefined),
    run() {
      over ??= live();
      return over;
    },
    get status() {
      const runs = state.running !== undefined;
      return {
        name: spec.name,
        image: spec.image,
        imageID: containerID === undefined ? "" : spec.image,
        state,
        lastState,
        // One that runs before the others has done what it is for when it has ended.
        ready:
          role === "init"
            ? state.terminated?.exitCode === 0
            : role !== "ephemeral" && runs && (instance?.ready ?? false),
        ...(role !== "ephemeral" && { started: runs && (instance?.started ?? false) }),
        restartCount,
        ...(containerID !== undefined && { containerID, resources: {}, ...ownUser() }),
      };
    },
    get running() {
      return instance?.running;
    },
    log: (id) => logs.get(id),
    async stop(graceMs) {
      const at = performance.now() + graceMs;
      if (killAt === undefined || at < killAt) {
        killAt = at;
        backOff.cancel();
        stopping.abort();
        instance?.end(at);
      }
      await over;
    },
  };
}

/** How one run has ended, and whether it was ended for its probes or for its hook. */
interface Run {
  readonly terminated: Terminated;
  readonly ill?: boolean;
  readonly fault?: string | undefined;
}

/** Whoever runs the server runs its containers. */
function ownUser(): { readonly user?: ContainerUser } {
  const { getuid, getgid, getgroups, platform } = process;
  if (platform !== "linux" || !getuid || !getgid || !getgroups) return {};
  return { user: { linux: { uid: getuid(), gid: getgid(), supplementalGroups: getgroups() } } };
}

/** Something that happens once. */
function createSignal(): { readonly given: Promise<true>; give(): void } {
  let give: () => void = () => undefined;
  const given = new Promise<true>((resolve) => {
    give = () => resolve(true);
  });
  return { given, give: () => give() };
}

function missingImage({ image, imagePullPolicy }: ContainerSpec): { reason: string; message: string } {
  const message = `devserver has no image ${JSON.stringify(image)}; add it to the option images`;
  return { reason: imagePullPolicy === "Never" ? "ErrImageNeverPull" : "ErrImagePull", message };
}
