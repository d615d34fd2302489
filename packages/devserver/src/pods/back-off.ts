import type { Pod } from "./pod.ts";

const firstMs = 10_000;
const longestMs = 300_000;
/** After a run as long as this everything is as at first. */
const forgivenMs = 600_000;

/** How long a container waits before it starts again: not at first, then 10 s, twice as long each time, 5 min at most. */
export interface BackOff {
  /** What the container waits for after a run; undefined when it may start at once. */
  next(ranMs: number): { readonly reason: string; readonly message: string } | undefined;
  wait(): Promise<void>;
  /** Ends the waiting, and all that comes. */
  cancel(): void;
}

export function createBackOff(container: string, { metadata }: Pod): BackOff {
  let nowMs = 0;
  let nextMs = 0;
  let cancelled = false;
  let wake: () => void = () => undefined;
  return {
    next(ranMs) {
      nowMs = ranMs < forgivenMs ? nextMs : 0;
      nextMs = Math.min(nowMs * 2 || firstMs, longestMs);
      if (nowMs === 0) return undefined;
      const where = `container=${container} pod=${metadata.name}_${metadata.namespace}(${metadata.uid})`;
      return {
        reason: "CrashLoopBackOff",
        message: `back-off ${durationOf(nowMs)} restarting failed ${where}`,
      };
    },
    wait() {
      if (cancelled) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, nowMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    cancel() {
      cancelled = true;
      wake();
    },
  };
}

/** As Go writes it. */
function durationOf(ms: number): string {
  const seconds = ms / 1_000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
