import type { ClientError } from "./errors.ts";

/** A signal and a time limit joined in one, with its timer and listeners in one place to remove. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The promise, or a rejection with the signal's reason if that comes first. */
  race<T>(promise: Promise<T>): Promise<T>;
  dispose(): void;
}

/** Joins a caller's signal and a time limit; on time-out the reason is `timedOut()`. */
export function createDeadline(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  timedOut: () => ClientError,
): Deadline {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => controller.abort(timedOut()), timeoutMs);
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    race(promise) {
      return new Promise((resolve, reject) => {
        const stop = (): void => reject(controller.signal.reason);
        if (controller.signal.aborted) stop();
        else controller.signal.addEventListener("abort", stop, { once: true });
        promise.then(resolve, reject).finally(() => controller.signal.removeEventListener("abort", stop));
      });
    },
    dispose() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/** Resolves after a time, or rejects with the signal's reason. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Rejects time limits that setTimeout would take for "now". */
export function checkTimeout(name: string, value: number | undefined): void {
  if (value === undefined) return;
  if (!(Number.isFinite(value) && value > 0 && value <= 2_147_483_647)) {
    throw new RangeError(`${name} must be a number of milliseconds from 1 to 2147483647, not ${value}`);
  }
}
