import { DevServerError } from "./errors.ts";
import { longestTimerMs } from "./timers.ts";

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
  /** What `find` finds, again and again, until nothing more will come. */
  each<T>(find: () => T | undefined): AsyncGenerator<T, void>;
  /** Lets everybody look again. */
  changed(): void;
  /** Nothing more will come: rejects what waits with `CLOSED`. */
  close(): void;
}

const usualTimeoutMs = 4_000;

export function createWaiting(): Waiting {
  const waiting = new Set<() => void>();
  let closed = false;

  const self: Waiting = {
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
        const timer = timeoutMs <= longestTimerMs ? setTimeout(late, timeoutMs) : undefined;
        if (signal?.aborted) {
          abort();
          return;
        }
        signal?.addEventListener("abort", abort);
        waiting.add(look);
        look();
      });
    },
    async *each(find) {
      try {
        for (;;) yield await self.until(() => "another one came", find, { timeoutMs: Infinity });
      } catch (error) {
        if (!(error instanceof DevServerError && error.code === "CLOSED")) throw error;
      }
    },
    changed() {
      for (const look of [...waiting]) look();
    },
    close() {
      closed = true;
      self.changed();
    },
  };
  return self;
}
