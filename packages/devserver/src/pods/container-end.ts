import { longestTimerMs } from "../timers.ts";
import type { RunningContainer } from "./running-container.ts";

/** What a program has at least when its hook has used up the time, as from a kubelet. */
const leastMs = 2_000;

/**
 * How to end a container until a time, by `performance.now()`: first its hook, then SIGTERM, and SIGKILL when the time
 * is over. A later request can only shorten that.
 */
export function createEnding(
  { process, over }: RunningContainer,
  preStop: (() => Promise<void>) | undefined,
): (at: number) => void {
  let deadline = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => process.kill("SIGKILL");
  /** What is to be done when the time is over. */
  let late = kill;

  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => late(), Math.min(Math.max(deadline - performance.now(), 0), longestTimerMs));
  };
  const ask = (): void => {
    process.kill("SIGTERM");
    late = kill;
    wait();
  };
  void over.then(() => clearTimeout(timer));

  return (at) => {
    if (at >= deadline) return;
    const isFirst = deadline === Number.POSITIVE_INFINITY;
    deadline = at;
    if (at <= performance.now()) kill();
    else if (!isFirst) wait();
    else if (!preStop) ask();
    else {
      const goOn = (): void => {
        if (late !== goOn) return;
        deadline = Math.max(deadline, performance.now() + leastMs);
        ask();
      };
      late = goOn;
      wait();
      void preStop().then(goOn);
    }
  };
}
