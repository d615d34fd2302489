import type { Pod } from "./pod.ts";

const firstMs = 10_000;
const longestMs = 300_000;

/** How long a container waits before it starts again: not at first, then 10 s, twice as long each time, 5 min at most. */
export interface BackOff {
  /** What the container waits for now; undefined when it may start at once. */
  next(): { readonly reason: string; readonly message: string } | undefined;
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
    next() {
      nowMs = nextMs;
      nextMs = Math.min(nextMs * 2 || firstMs, longestMs);
      if (nowMs === 0) return undefined;
      const where = `container=${container} pod=${metadata.name}_${metadata.namespace}(${metadata.uid})`;
      return { reason: "CrashLoopBackOff", message: `back-off ${nowMs / 1_000}s restarting failed ${where}` };
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
