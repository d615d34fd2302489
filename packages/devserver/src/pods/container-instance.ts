import type { Probe } from "./action.ts";
import { createEnding } from "./container-end.ts";
import { runHook } from "./hook.ts";
import type { Pod } from "./pod.ts";
import type { ContainerEvent } from "./pod-event.ts";
import { beginProbing, type Probing } from "./probing.ts";
import type { RunningContainer } from "./running-container.ts";

/** One run of a container: its hooks, its probes and its end. */
export interface ContainerInstance {
  readonly running: RunningContainer;
  /** It has begun, and its startup probe has succeeded. */
  readonly started: boolean;
  readonly ready: boolean;
  /** It was ended by its probes, and not because anybody wanted it to end. */
  readonly ill: boolean;
  /** Why its first hook failed, for which it was ended. */
  readonly fault: string | undefined;
  /** Resolves when its first hook is done, or it has ended; true when it goes on from there. */
  readonly begun: Promise<boolean>;
  /** Ends it until a time, by `performance.now()`; a later request can only shorten that. */
  end(at: number): void;
}

export interface InstanceOptions {
  readonly pod: Pod;
  /** Whether it runs again when its probes end it. */
  readonly restarts: boolean;
  readonly changed: () => void;
  readonly tell: (event: ContainerEvent) => void;
}

export function createInstance(
  running: RunningContainer,
  { pod, restarts, changed, tell }: InstanceOptions,
): ContainerInstance {
  const { name, lifecycle: { postStart, preStop } = {} } = running.spec;
  const asked = new AbortController();
  const over = new AbortController();
  let probing: Probing | undefined;
  let ill = false;
  let fault: string | undefined;
  // What runs beside it is ended after that.
  void running.process.exit.then(() => {
    asked.abort();
    over.abort();
  });

  const ending = createEnding(
    running,
    preStop &&
      (async () => {
        if ((await runHook(running, preStop, pod, over.signal)) === undefined) return;
        tell({ type: "Warning", reason: "FailedPreStopHook", message: "PreStopHook failed" });
      }),
  );
  const end = (at: number): void => {
    asked.abort();
    ending(at);
  };
  const endWith = (message: string, graceSeconds = pod.spec.terminationGracePeriodSeconds): void => {
    tell({ type: "Normal", reason: "Killing", message });
    end(performance.now() + graceSeconds * 1_000);
  };
  const fail = (kind: "startup" | "liveness", { terminationGracePeriodSeconds: grace }: Probe): void => {
    ill = true;
    endWith(`Container ${name} failed ${kind} probe${restarts ? ", will be restarted" : ""}`, grace);
  };
  const begin = async (): Promise<boolean> => {
    if (postStart) {
      const failed = await runHook(running, postStart, pod, over.signal);
      if (over.signal.aborted) return false;
      if (failed !== undefined && !asked.signal.aborted) {
        fault = failed;
        tell({ type: "Warning", reason: "FailedPostStartHook", message: "PostStartHook failed" });
        endWith("FailedPostStartHook");
        return false;
      }
    }
    probing = beginProbing({
      container: running,
      asked: asked.signal,
      over: over.signal,
      changed,
      tell,
      ill: fail,
    });
    return true;
  };

  return {
    running,
    get started() {
      return probing?.started ?? false;
    },
    get ready() {
      return probing?.ready ?? false;
    },
    get ill() {
      return ill;
    },
    get fault() {
      return fault;
    },
    begun: begin(),
    end,
  };
}
