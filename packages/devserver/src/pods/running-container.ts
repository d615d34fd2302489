import { type Broadcast, createBroadcast } from "../containers/broadcast.ts";
import { notStarted } from "../containers/executable.ts";
import {
  outputsOf,
  type Process,
  type ProcessExit,
  type ProcessSpec,
  type Start,
  StartError,
} from "../containers/process.ts";
import { type ContainerLog, createLog } from "../logs/container-log.ts";
import type { ContainerSpec } from "./pod.ts";

/** A container whose program runs. */
export interface RunningContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly process: Process;
  /** Its outputs: stdout, and stderr where there is no terminal. */
  readonly outputs: readonly Broadcast[];
  /** What they have written. */
  readonly log: ContainerLog;
  /** Starts another program beside it; ended with the container. */
  exec(command: readonly string[], stdin: boolean, tty: boolean): Promise<Process>;
  /** When its program has ended, and with it everything in the container. */
  readonly over: Promise<ProcessExit>;
}

/** Of each instance; that of the one before is kept too. */
const logLimitBytes = 4 * 1_048_576;

export async function startContainer(
  id: string,
  spec: ContainerSpec,
  start: Start,
  plan: ProcessSpec,
): Promise<RunningContainer> {
  const process = await start(plan);
  const beside = new Set<Process>();
  const outputs = outputsOf(process).map(createBroadcast);
  const { log, listener } = createLog(logLimitBytes);
  for (const output of outputs) output.join(listener());
  let ended = false;

  const end = async (): Promise<ProcessExit> => {
    const exit = await process.exit;
    ended = true;
    process.kill("SIGKILL");
    for (const one of beside) one.kill("SIGKILL");
    await Promise.all([...beside].map((one) => one.exit));
    process.sweep();
    for (const output of outputs) output.flush();
    return exit;
  };
  const checkRunning = (): void => {
    if (ended) throw new StartError("container is in CONTAINER_EXITED state");
  };

  return {
    id,
    spec,
    process,
    outputs,
    log,
    over: end(),
    async exec(command, stdin, tty) {
      checkRunning();
      if (command.length === 0) throw notStarted("args must not be empty");
      const env = tty ? { TERM: "xterm", ...plan.env } : plan.env;
      const started = await start({ ...plan, command, env, stdin, tty, exec: true }).catch((error) => {
        // Its folder may have gone meanwhile.
        checkRunning();
        throw error;
      });
      if (ended) started.kill("SIGKILL");
      beside.add(started);
      // What it has started may run on; it is ended with the container.
      void started.exit.then(() => {
        if (!started.alive) beside.delete(started);
      });
      return started;
    },
  };
}
