import { ClientError } from "./errors.ts";

/** A caller's signal and a time limit joined in one, with its timer and listeners in one place to remove. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** What is run settles it, or the signal's reason rejects it if that comes first; then nothing is even run. */
  race<T>(run: () => PromiseLike<T>): Promise<T>;
  /** Resolves after a time, or rejects with the signal's reason. */
  delay(ms: number): Promise<void>;
  dispose(): void;
}

/** Joins a caller's signal and a time limit; past the limit the reason is `TIMEOUT` with this message. */
export function createDeadline(
  signal: AbortSignal | undefined,
  timeoutMs?: number,
  message: () => string = String,
): Deadline {
  const controller = new AbortController();
  const joined = controller.signal;
  const abort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => controller.abort(new ClientError("TIMEOUT", message())), timeoutMs);
  const race = async <T>(run: () => PromiseLike<T>): Promise<T> => {
    joined.throwIfAborted();
    let stop = (): void => {};
    const stopped = new Promise<never>((_resolve, reject) => {
      stop = () => reject(joined.reason);
    });
    joined.addEventListener("abort", stop);
    try {
      return await Promise.race([run(), stopped]);
    } finally {
      joined.removeEventListener("abort", stop);
    }
  };
  return {
    signal: joined,
    race,
    async delay(ms) {
      let pause: ReturnType<typeof setTimeout> | undefined;
      try {
        await race(
          () =>
            new Promise<void>((resolve) => {
              pause = setTimeout(resolve, ms);
            }),
        );
      } finally {
        clearTimeout(pause);
      }
    },
    dispose() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/** Runs something to its end under a deadline of its own; once that is over, its reason is the only error. */
export async function within<T>(deadline: Deadline, run: (deadline: Deadline) => Promise<T>): Promise<T> {
  try {
    return await run(deadline);
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : error;
  } finally {
    deadline.dispose();
  }
}
