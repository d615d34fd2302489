import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Broadcast, createBroadcast } from "../containers/broadcast.ts";
import { expand, expandEnv } from "../containers/expansion.ts";
import type { FindImage } from "../containers/images.ts";
import { outputsOf, type Process, type ProcessSpec, type Start } from "../containers/process.ts";
import { createBackOff } from "./back-off.ts";
import {
  type ContainerSpec,
  type ContainerState,
  type ContainerStatus,
  type Pod,
  type Terminated,
  timestamp,
} from "./pod.ts";

/** One container of a Pod, from its creation over its restarts to its end. */
export interface ContainerLife {
  readonly status: ContainerStatus;
  /** What runs now, if anything does. */
  readonly running: RunningContainer | undefined;
  /** Asks the program to end, and ends it after the grace period; a later, shorter one counts. */
  stop(graceMs: number): Promise<void>;
}

/** A container whose program runs. */
export interface RunningContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly process: Process;
  /** Its outputs: stdout, and stderr where there is no terminal. */
  readonly outputs: readonly Broadcast[];
  /** Starts another program beside it; ended with the container. */
  exec(command: readonly string[], stdin: boolean, tty: boolean): Promise<Process>;
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

export function createContainerLife(options: ContainerLifeOptions): ContainerLife {
  const { pod, spec, findImage, changed } = options;
  const backOff = createBackOff(spec.name, pod);
  let state: ContainerState = { waiting: { reason: "ContainerCreating" } };
  let lastState: ContainerState = {};
  let restartCount = 0;
  let containerID: string | undefined;
  let running: RunningContainer | undefined;
  let stopping = false;
  let killTimer: NodeJS.Timeout | undefined;

  const become = (next: ContainerState): void => {
    state = next;
    changed();
  };

  const live = async (): Promise<void> => {
    const start = findImage(spec.image);
    if (!start) {
      become({ waiting: missingImage(spec) });
      return;
    }
    while (!stopping) {
      const terminated = await runOnce(start);
      running = undefined;
      become({ terminated });
      if (stopping || !restarts(pod, terminated.exitCode)) return;
      const waiting = backOff.next();
      if (waiting) {
        lastState = { terminated };
        become({ waiting });
        await backOff.wait();
        if (stopping) become({ terminated });
      }
      lastState = { terminated };
      restartCount += 1;
    }
  };

  const runOnce = async (start: Start): Promise<Terminated> => {
    const id = randomBytes(32).toString("hex");
    containerID = `devserver://${id}`;
    const startedAt = timestamp();
    const ended = { startedAt, containerID };
    const folder = join(options.folder, `${spec.name}-${restartCount}`);
    try {
      const plan = await planOf(pod, spec, folder);
      const process = await start(plan);
      const execs = new Set<Process>();
      running = {
        id,
        spec,
        process,
        outputs: outputsOf(process).map(createBroadcast),
        async exec(command, stdin, tty) {
          const env = tty ? { TERM: "xterm", ...plan.env } : plan.env;
          const started = await start({ ...plan, command, env, stdin, tty, exec: true });
          execs.add(started);
          return started;
        },
      };
      if (stopping) process.kill("SIGTERM");
      become({ running: { startedAt } });
      const { code } = await process.exit;
      // The end of its first process ends everything in a container.
      for (const one of [process, ...execs]) one.kill("SIGKILL");
      return {
        exitCode: code,
        reason: code === 0 ? "Completed" : "Error",
        ...ended,
        finishedAt: timestamp(),
      };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { exitCode: 128, reason: "StartError", message, ...ended, finishedAt: timestamp() };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
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
    async stop(graceMs) {
      stopping = true;
      backOff.cancel();
      clearTimeout(killTimer);
      running?.process.kill(graceMs > 0 ? "SIGTERM" : "SIGKILL");
      killTimer = setTimeout(() => running?.process.kill("SIGKILL"), graceMs);
      await over;
      clearTimeout(killTimer);
    },
  };
}

/** The program, its variables and its folder, which is made. */
async function planOf(pod: Pod, spec: ContainerSpec, folder: string): Promise<ProcessSpec> {
  // Of the host's own variables only the path: what else is there may be secret.
  const base = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder, HOSTNAME: pod.metadata.name };
  const env = expandEnv(spec.env ?? [], spec.tty ? { TERM: "xterm", ...base } : base);
  // Always inside the container's own folder, which stands for its root.
  const workingFolder = join(folder, join("/", spec.workingDir ?? ""));
  await mkdir(workingFolder, { recursive: true });
  return {
    command: [...(spec.command ?? []), ...(spec.args ?? [])].map((part) => expand(part, env)),
    env,
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
