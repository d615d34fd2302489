import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { removeFolder } from "../containers/folder.ts";
import type { FindImage } from "../containers/images.ts";
import type { ProcessSpec, Start } from "../containers/process.ts";
import type { ContainerLog } from "../logs/container-log.ts";
import { createBackOff } from "./back-off.ts";
import { type PodResources, planOf } from "./container-plan.ts";
import { type ContainerRole, restarts } from "./container-role.ts";
import {
  type ContainerSpec,
  type ContainerState,
  type ContainerStatus,
  type Pod,
  type Terminated,
  timestamp,
} from "./pod.ts";
import { ConfigError, MountError } from "./pod-config.ts";
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
  /** True when it has begun for the first time. */
  readonly begun: Promise<true>;
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
}

/** Longer than this a timer does not wait. */
const longestMs = 2_147_483_647;

export function createContainerLife(options: ContainerLifeOptions): ContainerLife {
  const { pod, spec, role, findImage, resources, changed } = options;
  const backOff = createBackOff(spec.name, pod);
  const awaitsOthers = role !== "ephemeral" && pod.spec.initContainers !== undefined;
  const creating = awaitsOthers ? "PodInitializing" : "ContainerCreating";
  let state: ContainerState = { waiting: { reason: creating } };
  let lastState: ContainerState = {};
  let restartCount = 0;
  let containerID: string | undefined;
  let running: RunningContainer | undefined;
  const logs = new Map<string, ContainerLog>();
  /** When to end it, by `performance.now()`; undefined while nobody has asked. */
  let killAt: number | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  const stopping = new AbortController();

  let begin: () => void = () => undefined;
  const begun = new Promise<true>((resolve) => {
    begin = () => resolve(true);
  });
  let over: Promise<void> | undefined;

  const become = (next: ContainerState): void => {
    state = next;
    changed();
  };
  const kill = (): void => running?.process.kill("SIGKILL");

  const live = async (): Promise<void> => {
    const start = findImage(spec.image);
    if (!start) {
      become({ waiting: missingImage(spec) });
      return;
    }
    while (killAt === undefined) {
      const startedMs = performance.now();
      const terminated = await runOnce(start);
      if (!terminated) return;
      become({ terminated });
      if (killAt !== undefined || !restarts(role, pod.spec.restartPolicy, terminated.exitCode)) return;
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
      try {
        return await planOf(pod, spec, resources, root);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        await removeFolder(root);
        const reason = error instanceof MountError ? creating : "CreateContainerConfigError";
        become({ waiting: { reason, message: error.message } });
        await resources.config.changed(stopping.signal);
      }
    }
    return undefined;
  };

  const runOnce = async (start: Start): Promise<Terminated | undefined> => {
    const folder = join(resources.folder, `${spec.name}-${restartCount}`);
    const id = randomBytes(32).toString("hex");
    const own = `devserver://${id}`;
    let startedAt = timestamp();
    try {
      const plan = await planned(folder);
      if (!plan) return undefined;
      startedAt = timestamp();
      running = await startContainer(id, spec, start, plan);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await removeFolder(folder);
      containerID = own;
      const ended = { startedAt, finishedAt: timestamp(), containerID };
      return { exitCode: 128, reason: "StartError", message, ...ended };
    }
    containerID = own;
    for (const old of logs.keys()) if (old !== lastState.terminated?.containerID) logs.delete(old);
    logs.set(containerID, running.log);
    become({ running: { startedAt } });
    begin();
    // Asked to end while it was being started.
    if (killAt !== undefined) end(killAt);
    const { code } = await running.over;
    running = undefined;
    await removeFolder(folder);
    return {
      exitCode: code,
      reason: code === 0 ? "Completed" : "Error",
      startedAt,
      finishedAt: timestamp(),
      containerID,
    };
  };

  const end = (at: number): void => {
    const leftMs = at - performance.now();
    if (leftMs > 0) running?.process.kill("SIGTERM");
    else kill();
    clearTimeout(killTimer);
    killTimer = setTimeout(kill, Math.min(Math.max(leftMs, 0), longestMs));
  };

  return {
    role,
    begun,
    run() {
      over ??= live();
      return over;
    },
    get status() {
      const runs = state.running !== undefined;
      return {
        name: spec.name,
        image: spec.image,
        imageID: spec.image,
        state,
        lastState,
        // One that runs before the others has done what it is for when it has ended.
        ready: role === "init" ? state.terminated?.exitCode === 0 : role !== "ephemeral" && runs,
        ...(role !== "ephemeral" && { started: runs }),
        restartCount,
        ...(containerID !== undefined && { containerID }),
      };
    },
    get running() {
      return running;
    },
    log: (id) => logs.get(id),
    async stop(graceMs) {
      const at = performance.now() + graceMs;
      if (killAt === undefined || at < killAt) {
        killAt = at;
        backOff.cancel();
        stopping.abort();
        end(at);
      }
      await over;
      clearTimeout(killTimer);
    },
  };
}

function missingImage({ image, imagePullPolicy }: ContainerSpec): { reason: string; message: string } {
  const message = `devserver has no image ${JSON.stringify(image)}; add it to the option images`;
  return { reason: imagePullPolicy === "Never" ? "ErrImageNeverPull" : "ErrImagePull", message };
}
