import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expand, expandEnv } from "../containers/expansion.ts";
import { removeFolder } from "../containers/folder.ts";
import type { FindImage } from "../containers/images.ts";
import type { ProcessSpec, Start } from "../containers/process.ts";
import type { ContainerLog } from "../logs/container-log.ts";
import { createBackOff } from "./back-off.ts";
import {
  type ContainerSpec,
  type ContainerState,
  type ContainerStatus,
  type Pod,
  type Terminated,
  timestamp,
} from "./pod.ts";
import { type RunningContainer, startContainer } from "./running-container.ts";

/** One container of a Pod, from its creation over its restarts to its end. */
export interface ContainerLife {
  readonly status: ContainerStatus;
  /** What runs now, if anything does. */
  readonly running: RunningContainer | undefined;
  /** What an instance has written: the one that runs or ran last, or the one before it. */
  log(containerID: string): ContainerLog | undefined;
  /** Asks the program to end, and ends it after the grace period; a later request can only shorten that. */
  stop(graceMs: number): Promise<void>;
}

export interface ContainerLifeOptions {
  readonly pod: Pod;
  readonly spec: ContainerSpec;
  readonly findImage: FindImage;
  /** The Pod's folder. */
  readonly folder: string;
  /** The status has changed. */
  readonly changed: () => void;
}

/** Longer than this a timer does not wait. */
const longestMs = 2_147_483_647;

export function createContainerLife(options: ContainerLifeOptions): ContainerLife {
  const { pod, spec, findImage, changed } = options;
  const backOff = createBackOff(spec.name, pod);
  let state: ContainerState = { waiting: { reason: "ContainerCreating" } };
  let lastState: ContainerState = {};
  let restartCount = 0;
  let containerID: string | undefined;
  let running: RunningContainer | undefined;
  const logs = new Map<string, ContainerLog>();
  /** When to end it, by `performance.now()`; undefined while nobody has asked. */
  let killAt: number | undefined;
  let killTimer: NodeJS.Timeout | undefined;

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
      const terminated = await runOnce(start);
      become({ terminated });
      if (killAt !== undefined || !restarts(pod, terminated.exitCode)) return;
      lastState = { terminated };
      const waiting = backOff.next();
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

  const runOnce = async (start: Start): Promise<Terminated> => {
    const id = randomBytes(32).toString("hex");
    containerID = `devserver://${id}`;
    const ended = { startedAt: timestamp(), containerID };
    const folder = join(options.folder, `${spec.name}-${restartCount}`);
    try {
      running = await startContainer(id, spec, start, await planOf(pod, spec, folder));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await removeFolder(folder);
      return { exitCode: 128, reason: "StartError", message, ...ended, finishedAt: timestamp() };
    }
    for (const old of logs.keys()) if (old !== lastState.terminated?.containerID) logs.delete(old);
    logs.set(containerID, running.log);
    become({ running: { startedAt: ended.startedAt } });
    // Asked to end while it was being started.
    if (killAt !== undefined) end(killAt);
    const { code } = await running.over;
    running = undefined;
    await removeFolder(folder);
    return {
      exitCode: code,
      reason: code === 0 ? "Completed" : "Error",
      ...ended,
      finishedAt: timestamp(),
    };
  };

  const end = (at: number): void => {
    const leftMs = at - performance.now();
    if (leftMs > 0) running?.process.kill("SIGTERM");
    else kill();
    clearTimeout(killTimer);
    killTimer = setTimeout(kill, Math.min(Math.max(leftMs, 0), longestMs));
  };

  const over = live();
  return {
    get status() {
      return {
        name: spec.name,
        image: spec.image,
        imageID: spec.image,
        state,
        lastState,
        ready: state.running !== undefined,
        started: state.running !== undefined,
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
        end(at);
      }
      await over;
      clearTimeout(killTimer);
    },
  };
}

/** The program, its variables and its folder, which is made. */
async function planOf(pod: Pod, spec: ContainerSpec, folder: string): Promise<ProcessSpec> {
  const declared = expandEnv(spec.env ?? []);
  // Always inside the container's own folder.
  const workingFolder = join(folder, join("/", spec.workingDir ?? ""));
  await mkdir(workingFolder, { recursive: true });
  return {
    command: [...(spec.command ?? []), ...(spec.args ?? [])].map((part) => expand(part, declared)),
    env: {
      ...(spec.tty && { TERM: "xterm" }),
      // Of the host's own variables only the path: what else is there may be secret.
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: folder,
      HOSTNAME: pod.metadata.name,
      ...declared,
    },
    root: folder,
    folder: workingFolder,
    stdin: spec.stdin ?? false,
    tty: spec.tty ?? false,
    exec: false,
  };
}

function restarts({ spec: { restartPolicy } }: Pod, exitCode: number): boolean {
  return restartPolicy === "Always" || (restartPolicy === "OnFailure" && exitCode !== 0);
}

function missingImage({ image, imagePullPolicy }: ContainerSpec): { reason: string; message: string } {
  const message = `devserver has no image ${JSON.stringify(image)}; add it to the option images`;
  return { reason: imagePullPolicy === "Never" ? "ErrImageNeverPull" : "ErrImagePull", message };
}
