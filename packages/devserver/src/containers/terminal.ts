import { Socket } from "node:net";
import { Readable, Writable } from "node:stream";
import { endLeftovers } from "./folder.ts";
import { createGroup } from "./group.ts";
import { type Process, type ProcessExit, type ProcessSpec, StartError } from "./process.ts";

/** As much of a pty as is used here; its own types know nothing of bytes, which it takes and gives all the same. */
interface Pty {
  readonly pid: number;
  write(data: string | Uint8Array): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  onData(listener: (data: string | Uint8Array) => void): unknown;
  onExit(
    listener: (end: { readonly exitCode: number; readonly signal?: number | undefined }) => void,
  ): unknown;
}

/** Runs a program in a terminal of its own; needs the optional pty library. */
export async function startTerminal(file: string, args: string[], spec: ProcessSpec): Promise<Process> {
  const { spawn } = await loadPty();
  const name = spec.env["TERM"] ?? "xterm";
  const pty: Pty = spawn(file, args, { name, cwd: spec.folder, env: { ...spec.env }, encoding: null });
  const group = createGroup(pty.pid);
  const reading = createReading(pty);
  let over = false;
  const stdout = new Readable({ read: reading.go });
  pty.onData((data) => {
    if (!stdout.push(Buffer.from(data))) reading.stop();
  });
  const exit = new Promise<ProcessExit>((resolve) => {
    pty.onExit(({ exitCode, signal = 0 }) => {
      over = true;
      reading.go();
      group.settle();
      stdout.push(null);
      resolve({ code: signal > 0 ? 128 + signal : exitCode });
    });
  });
  const stdin = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (over) done();
      else writeTo(pty, chunk, done);
    },
  });
  return {
    stdin: spec.stdin ? stdin : undefined,
    stdout,
    stderr: undefined,
    exit,
    get alive() {
      return group.alive;
    },
    resize(width, height) {
      if (!over) pty.resize(width, height);
    },
    kill: group.kill,
    sweep: () => endLeftovers(spec.root),
  };
}

/** Tells when there is room for more: the library keeps what the program does not read, and only its stream knows. */
function writeTo(pty: Pty, chunk: Uint8Array, done: () => void): void {
  pty.write(chunk);
  const stream: unknown = Reflect.get(pty, "_socket");
  if (!(stream instanceof Socket && stream.writableNeedDrain)) {
    done();
    return;
  }
  const go = (): void => {
    stream.off("drain", go);
    stream.off("close", go);
    done();
  };
  stream.on("drain", go);
  stream.on("close", go);
}

/**
 * Stops and goes on reading a terminal. The library drops what it has not read 200 ms after the program's end,
 * also while it must not read: so while stopped, the program is looked at more often than that.
 */
function createReading(pty: Pty): { go(): void; stop(): void } {
  let watch: NodeJS.Timeout | undefined;
  const go = (): void => {
    clearInterval(watch);
    pty.resume();
  };
  return {
    go,
    stop() {
      pty.pause();
      clearInterval(watch);
      watch = setInterval(() => {
        if (!isAlive(pty.pid)) go();
      }, 50);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function loadPty() {
  try {
    return await import("@lydell/node-pty");
  } catch (cause) {
    throw new StartError(
      "a terminal was asked for, and the optional package @lydell/node-pty cannot be loaded",
      { cause },
    );
  }
}
