import { setTimeout as sleep } from "node:timers/promises";
import type { Probe } from "./action.ts";
import type { ContainerEvent } from "./pod-event.ts";
import { checkContainer, type Finding } from "./probe-check.ts";
import type { RunningContainer } from "./running-container.ts";

/** What the probes of a running container have found so far. */
export interface Probing {
  /** Its startup probe has succeeded, or there is none. */
  readonly started: boolean;
  readonly ready: boolean;
}

export interface ProbingOptions {
  readonly container: RunningContainer;
  /** Aborted when the container is asked to end, and is not to be ended for being ill any more. */
  readonly asked: AbortSignal;
  /** Aborted when the container has ended. */
  readonly over: AbortSignal;
  readonly changed: () => void;
  readonly tell: (event: ContainerEvent) => void;
  /** The container is to be ended: it did not start, or does not live. */
  readonly ill: (kind: "startup" | "liveness", probe: Probe) => void;
}

/** Begins to probe: until the startup probe has succeeded, there is no other. */
export function beginProbing({ container, asked, over, changed, tell, ill }: ProbingOptions): Probing {
  const { startupProbe, readinessProbe, livenessProbe } = container.spec;
  const begunMs = performance.now();
  let started = startupProbe === undefined;
  let ready = readinessProbe === undefined;

  /** Probes until the signal is aborted or `heard` says that it is enough. */
  const watch = async (
    name: string,
    probe: Probe,
    signal: AbortSignal,
    heard: (isWell: boolean) => "enough" | undefined,
  ): Promise<void> => {
    const count = createCount(probe);
    let nextMs = begunMs + (probe.initialDelaySeconds ?? 0) * 1_000;
    for (;;) {
      if (!(await pause(nextMs - performance.now(), signal))) return;
      nextMs = Math.max(nextMs, performance.now()) + probe.periodSeconds * 1_000;
      const finding = await checkContainer(container, probe, signal);
      if (signal.aborted) return;
      const event = eventOf(name, finding);
      if (event) tell(event);
      const isWell = count(finding);
      if (isWell !== undefined && heard(isWell)) return;
    }
  };

  const go = async (): Promise<void> => {
    if (startupProbe) {
      await watch("Startup", startupProbe, asked, (isWell) => {
        if (isWell) started = true;
        else ill("startup", startupProbe);
        return "enough";
      });
      if (!started) return;
      changed();
    }
    if (livenessProbe) {
      void watch("Liveness", livenessProbe, asked, (isWell) => {
        if (isWell) return undefined;
        ill("liveness", livenessProbe);
        return "enough";
      });
    }
    if (!readinessProbe) return;
    await watch("Readiness", readinessProbe, over, (isWell) => {
      if (isWell !== ready) {
        ready = isWell;
        changed();
      }
      return undefined;
    });
  };
  void go();

  return {
    get started() {
      return started;
    },
    get ready() {
      return started && ready;
    },
  };
}

/** Answers whether as many findings in a row say the same as it takes; one that could not be made does not count. */
function createCount({
  successThreshold,
  failureThreshold,
}: Probe): (finding: Finding) => boolean | undefined {
  let last = "";
  let count = 0;
  return ({ kind }) => {
    if (kind === "unknown") return undefined;
    count = kind === last ? count + 1 : 1;
    last = kind;
    const isWell = kind === "success";
    return count >= (isWell ? successThreshold : failureThreshold) ? isWell : undefined;
  };
}

function eventOf(name: string, { kind, says }: Finding): ContainerEvent | undefined {
  if (kind === "success") return undefined;
  const how = kind === "failure" ? "failed" : "errored and resulted in unknown state";
  return { type: "Warning", reason: "Unhealthy", message: `${name} probe ${how}: ${says}` };
}

/** Answers whether the time has passed without the signal's being aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(Math.max(ms, 0), true, { signal }).catch(() => false);
}
