/** The longest delay of a timer, in milliseconds: beyond it Node's fires at once. */
export const longestTimerMs = 2_147_483_647;

/**
 * Calls back after a time, in milliseconds, and after what had come by then has been read too: a program that was busy
 * runs its late timers before it hears what waits for it. Answers with the way to call it off.
 */
export function afterReading(ms: number, callback: () => void): () => void {
  let timer = setTimeout(() => {
    timer = setTimeout(callback, lookAgainMs);
  }, ms);
  return () => clearTimeout(timer);
}

const lookAgainMs = 20;
