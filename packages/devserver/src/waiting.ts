import { DevServerError } from "./errors.ts";

/** How long to wait for something. */
export interface WaitOptions {
  /** Ends the waiting, which then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Rejects with `TIMED_OUT` then; 4,000 by default, which is less than vitest gives a test; `Infinity` for no limit. */
  readonly timeoutMs?: number;
}

/** Everybody who waits for something of one server. */
export interface Waiting {
  /**
   * Resolves with what `find` finds, now or after a change; rejects with what it throws. `what` is said when it does not
   * come in time.
   */
  until<T>(what: () => string, find: () => T | undefined, options?: WaitOptions): Promise<T>;
  /** Lets everybody look again. */
  changed(): void;
  /** Nothing more will come: rejects what waits with `CLOSED`. */
  close(): void;
}

const usualTimeoutMs = 4_000;
/** Beyond it a timer fires at once. */
const longestTimeoutMs = 2_147_483_647;

export function createWaiting(): Waiting {
  const waiting = new Set<() => void>();
  let closed = false;

  return {
    until<T>(what: () => string, find: () => T | undefined, options: WaitOptions = {}) {
      const { signal, timeoutMs = usualTimeoutMs } = options;
      return new Promise<T>((resolve, reject) => {
        if (typeof timeoutMs !== "number" || !(timeoutMs >= 0)) {
          throw new RangeError(`timeoutMs is ${timeoutMs}; it must be a number of milliseconds, from 0 on`);
        }
        const settle = (finish: () => void): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          waiting.delete(look);
          finish();
        };
        const fail = (error: unknown): void => settle(() => reject(error));
        const abort = (): void => fail(signal?.reason);
        const look = (): void => {
          try {
            const found = find();
            if (found !== undefined) settle(() => resolve(found));
            else if (closed) fail(new DevServerError("CLOSED", `the server was closed before ${what()}`));
          } catch (error) {
            fail(error);
          }
        };
        const late = (): void =>
          fail(new DevServerError("TIMED_OUT", `it took more than ${timeoutMs} ms until ${what()}`));
        const timer = timeoutMs <= longestTimeoutMs ? setTimeout(late, timeoutMs) : undefined;
        if (signal?.aborted) {
          abort();
          return;
        }
        signal?.addEventListener("abort", abort);
        waiting.add(look);
        look();
      });
    },
    changed() {
      for (const look of [...waiting]) look();
    },
    close() {
      closed = true;
      for (const look of [...waiting]) look();
    },
  };
}
