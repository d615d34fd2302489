/** Calls back after a time, in milliseconds; answers with the way to call it off. */
export function later(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/**
 * As `later`, and after what had come by then has been read too: a program that was busy runs its late timers before
 * it hears what waits for it.
 */
export function afterReading(ms: number, callback: () => void): () => void {
  const lookAgainMs = 20;
  let timer = setTimeout(() => {
    timer = setTimeout(callback, lookAgainMs);
  }, ms);
  return () => clearTimeout(timer);
}
