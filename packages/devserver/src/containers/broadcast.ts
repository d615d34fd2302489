import type { Readable } from "node:stream";

/** Somebody who hears one output of a container from now on. */
export interface Listener {
  /** Answers false for "enough": the output waits until `Broadcast.resume`. */
  data(bytes: Uint8Array): boolean;
  end(): void;
}

/**
 * One output of a container, read all the time and told to all who listen. One who is slow stops it for everybody,
 * the container included, as runtimes do.
 */
export interface Broadcast {
  /** Answers with the way to leave. */
  join(listener: Listener): () => void;
  /** This listener has room again. */
  resume(listener: Listener): void;
  /** The program has ended: what it has left is little, and waits for nobody. */
  flush(): void;
}

export function createBroadcast(output: Readable): Broadcast {
  const listeners = new Set<Listener>();
  const full = new Set<Listener>();
  let over = false;
  let flushed = false;

  const settle = (): void => {
    if (full.size === 0) output.resume();
  };
  output.on("data", (bytes: Uint8Array) => {
    for (const listener of [...listeners]) if (!listener.data(bytes)) full.add(listener);
    if (full.size > 0 && !flushed) output.pause();
  });
  // A terminal's output ends with an error on some systems; a process that was killed may do so too.
  output.on("error", () => undefined);
  output.once("close", () => {
    over = true;
    for (const listener of [...listeners]) listener.end();
    listeners.clear();
  });

  return {
    join(listener) {
      if (over) queueMicrotask(() => listener.end());
      else listeners.add(listener);
      return () => {
        listeners.delete(listener);
        full.delete(listener);
        settle();
      };
    },
    resume(listener) {
      full.delete(listener);
      settle();
    },
    flush() {
      flushed = true;
      output.resume();
    },
  };
}
