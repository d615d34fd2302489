import type { Readable, Writable } from "node:stream";

/** A running program of a container, wherever it runs; its output streams end with its last byte. */
export interface Process {
  /** Undefined when it was started without. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  /** Undefined with a terminal, which has one output. */
  readonly stderr: Readable | undefined;
  /** When the program itself has ended; what it has started may still hold its outputs. */
  readonly exit: Promise<ProcessExit>;
  /** Whether it, or something that it has started, still runs. */
  readonly alive: boolean;
  /** Columns and rows; without effect where there is no terminal. */
  resize(width: number, height: number): void;
  /** Asks it to end (TERM), or ends it and all it has started (KILL). */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** Ends what it has started and `kill` does not reach; its container has ended. */
  sweep(): void;
}

export interface ProcessExit {
  /** For a signal 128 and its number, as runtimes say. */
  readonly code: number;
}

/** What to start. */
export interface ProcessSpec {
  /** Program and arguments; empty for the image's own. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The container's own folder, which stands for its root. */
  readonly root: string;
  /** Where to start in it. */
  readonly folder: string;
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Whether this is an exec beside the container's own process. */
  readonly exec: boolean;
}

/** Starts a program, or rejects with a StartError. */
export type Start = (spec: ProcessSpec) => Promise<Process>;

/** Why a program could not be started, in the words of a runtime. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Both outputs, in the order of their channels. */
export function outputsOf({ stdout, stderr }: Process): Readable[] {
  return stderr ? [stdout, stderr] : [stdout];
}
