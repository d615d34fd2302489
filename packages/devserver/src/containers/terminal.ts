import { readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { Readable, Writable } from "node:stream";
import { endLeftovers } from "./folder.ts";
import { createGroup } from "./group.ts";
import { type Process, type ProcessExit, type ProcessSpec, StartError } from "./process.ts";

/** As much of a pty as is used here; its own types know nothing of bytes, which it takes and gives all the same. */
interface Pty {
  readonly pid: number;
  /** Not on Windows. */
  readonly fd?: number;
  write(data: string | Uint8Array): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  onData(listener: (data: string | Uint8Array) => void): unknown;
  onExit(
    listener: (end: { readonly exitCode: number; readonly signal?: number | undefined }) => void,
  ): unknown;
}

const longestRetryMs = 20;

/** Runs a program in a terminal of its own; needs the optional pty library. */
export async function startTerminal(file: string, args: string[], spec: ProcessSpec): Promise<Process> {
  const { spawn } = await loadPty();
  const name = spec.env["TERM"] ?? "xterm";
  const pty: Pty = spawn(file, args, { name, cwd: spec.folder, env: { ...spec.env }, encoding: null });
  const group = createGroup(pty.pid);
  const stream = streamOf(pty);
  let over = false;
  // The descriptor is closed with its stream, before the end is told, and may then be another file's.
  const isOpen = (): boolean => !over && !stream?.destroyed;
  const stdout = new Readable({ read: () => pty.resume() });
  const heard = (data: string | Uint8Array): void => {
    if (!stdout.push(Buffer.from(data))) pty.pause();
  };
  pty.onData(heard);
  if (stream) closeWithProgram(pty, stream, heard);
  const exit = new Promise<ProcessExit>((resolve) => {
    pty.onExit(({ exitCode, signal = 0 }) => {
      over = true;
      group.settle();
      stdout.push(null);
      resolve({ code: signal > 0 ? 128 + signal : exitCode });
    });
  });
  const stdin = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      writeTo(pty, chunk, isOpen, done);
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
      if (isOpen()) pty.resize(width, height);
    },
    kill: group.kill,
    sweep: () => endLeftovers(spec.root),
  };
}

/** The library's own stream, which knows what the library does not tell. */
function streamOf(pty: Pty): Socket | undefined {
  const stream: unknown = Reflect.get(pty, "_socket");
  return stream instanceof Socket ? stream : undefined;
}

/**
 * Closes a terminal when its program has ended, with all that it still holds heard. Not before: that would hang up on
 * the program (SIGHUP), and many a program closes what it has open, which is the end for whoever reads, a moment before
 * it ends. The library itself drops what has not been read 200 ms after the end, and libuv takes a hang-up behind a
 * short read for the end, and from a terminal all reads are short.
 */
function closeWithProgram(pty: Pty, stream: Socket, heard: (data: Uint8Array) => void): void {
  const close = stream._destroy.bind(stream);
  stream._destroy = (error, done) => {
    let retryMs = 1;
    const go = (): void => {
      if (!hasEnded(pty)) {
        setTimeout(go, retryMs);
        retryMs = Math.min(retryMs * 2, longestRetryMs);
        return;
      }
      stream.removeAllListeners("data");
      const unheard: unknown = stream.read();
      if (unheard instanceof Uint8Array) heard(unheard);
      for (const rest of restOf(pty)) heard(rest);
      close(error, done);
    };
    go();
  };
}

/** By the library's own notice, as the number of a process may soon be another's. */
function hasEnded(pty: Pty): boolean {
  if (Reflect.get(pty, "_boundClose") === true) return true;
  try {
    return !process.kill(pty.pid, 0);
  } catch {
    return true;
  }
}

/** What a terminal still holds: no more than this, and what comes after it is of others than its program. */
function* restOf({ fd }: Pty): Generator<Buffer> {
  if (fd === undefined) return;
  try {
    for (let readBytes = 0; readBytes < 1_048_576; ) {
      const chunk = Buffer.allocUnsafe(65_536);
      const length = readSync(fd, chunk);
      if (length === 0) return;
      readBytes += length;
      yield chunk.subarray(0, length);
    }
  } catch {
    // EIO: this is the end.
  }
}

/**
 * Writes without the library, whose writes stop the whole host program, in a loop, while the program does not read.
 * The terminal does not wait: it says EAGAIN, and is asked again a little later.
 */
function writeTo(pty: Pty, chunk: Uint8Array, isOpen: () => boolean, done: () => void): void {
  const { fd } = pty;
  let rest = chunk;
  let retryMs = 1;
  const go = (): void => {
    const before = rest.byteLength;
    try {
      while (fd !== undefined && isOpen() && rest.byteLength > 0) rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") {
        retryMs = rest.byteLength < before ? 1 : Math.min(retryMs * 2, longestRetryMs);
        setTimeout(go, retryMs);
        return;
      }
      // The program is gone.
    }
    done();
  };
  if (fd === undefined && isOpen()) pty.write(chunk);
  go();
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
