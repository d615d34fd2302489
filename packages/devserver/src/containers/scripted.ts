import { PassThrough, type Writable } from "node:stream";
import type { TerminalSize } from "../sessions/session.ts";
import type { Process, ProcessExit, ProcessSpec } from "./process.ts";

/** One output of a program. */
export interface ContainerOutput {
  /** Resolves when there is room for more; what is written after the end is dropped. */
  write(data: Uint8Array | string): Promise<void>;
}

/** What a program that is a function gets. */
export interface ContainerContext {
  /** The container's command and args, or an exec's command. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether it has a terminal; then stdout and stderr are one. */
  readonly tty: boolean;
  /** Whether it runs beside the container's own program, by exec. */
  readonly exec: boolean;
  /** Its terminal's size as a client has said it last, 80 by 24 until then; undefined without one. */
  size(): TerminalSize | undefined;
  /** What is written to it; ends at once when stdin was not asked for. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: ContainerOutput;
  readonly stderr: ContainerOutput;
  /** Aborted when the container is asked to end; after the grace period nobody waits any more. */
  readonly signal: AbortSignal;
}

/** A container's program as a function; answers with the exit code, 0 by default. What it throws is exit code 1. */
export type ContainerProgram = (
  context: ContainerContext,
) => number | undefined | Promise<number | undefined>;

/** Runs a function as if it were a process. */
export function startScripted(program: ContainerProgram, spec: ProcessSpec): Process {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = spec.tty ? undefined : new PassThrough();
  const controller = new AbortController();
  if (!spec.stdin) stdin.end();
  // A program that stops reading may leave writes behind.
  stdin.on("error", () => undefined);
  let alive = true;
  let size: TerminalSize | undefined = spec.tty ? { width: 80, height: 24 } : undefined;
  let end: (exit: ProcessExit) => void = () => undefined;
  const exit = new Promise<ProcessExit>((resolve) => {
    end = (exit) => {
      alive = false;
      stdin.destroy();
      stdout.end();
      stderr?.end();
      resolve(exit);
    };
  });
  void runToCode(program, {
    args: spec.command,
    env: spec.env,
    tty: spec.tty,
    exec: spec.exec,
    size: () => size,
    stdin,
    stdout: outputOf(stdout),
    stderr: outputOf(stderr ?? stdout),
    signal: controller.signal,
  }).then((code) => end({ code }));
  return {
    stdin: spec.stdin ? stdin : undefined,
    stdout,
    stderr,
    exit,
    get alive() {
      return alive;
    },
    resize(width, height) {
      if (spec.tty) size = { width, height };
    },
    kill(signal) {
      controller.abort();
      if (signal === "SIGKILL") end({ code: 137 });
    },
    sweep: () => undefined,
  };
}

async function runToCode(program: ContainerProgram, context: ContainerContext): Promise<number> {
  try {
    const code = (await program(context)) ?? (context.signal.aborted ? 143 : 0);
    if (Number.isInteger(code) && code >= 0 && code <= 255) return code;
    throw new RangeError(`an exit code is an integer from 0 to 255, not ${code}`);
  } catch (error) {
    if (context.signal.aborted) return 143;
    await context.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

/** Longer than this a program that does nothing but write does not keep everybody else waiting. */
const longestTurnMs = 5;

function outputOf(stream: Writable): ContainerOutput {
  let turnMs = 0;
  return {
    write(data) {
      return new Promise((resolve) => {
        const done = (): void => {
          if (performance.now() - turnMs < longestTurnMs) {
            resolve();
            return;
          }
          setImmediate(() => {
            turnMs = performance.now();
            resolve();
          });
        };
        if (stream.writableEnded) done();
        // A copy: the buffer is the program's again once the callback comes, which is the back-pressure.
        else stream.write(Buffer.from(data), done);
      });
    },
  };
}
