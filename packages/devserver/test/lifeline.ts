import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A named pipe that processes hold open: it tells when the last of them has ended, however it ended. */
export interface Lifeline {
  /** What to redirect a process's output to. */
  readonly path: string;
  /** What was written, once a process holds it; resolves with the first line. */
  readonly held: Promise<string>;
  /** Nobody holds it any more. */
  readonly released: Promise<void>;
  remove(): Promise<void>;
}

export async function createLifeline(): Promise<Lifeline> {
  const folder = await mkdtemp(join(tmpdir(), "podwire-lifeline-"));
  const path = join(folder, "pipe");
  await promisify(execFile)("mkfifo", [path]);
  // Not by this process: until somebody writes, opening it would hold a thread.
  const reader = spawn("cat", [path], { stdio: ["ignore", "pipe", "ignore"] });
  const released = once(reader.stdout, "end").then(() => undefined);
  const held = once(reader.stdout, "data").then(([line]) => String(line).trim());
  return {
    path,
    held,
    released,
    async remove() {
      reader.kill();
      await rm(folder, { recursive: true });
    },
  };
}
