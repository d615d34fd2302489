import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { messageOf } from "../errors.ts";
import { findExecutable, notStarted } from "./executable.ts";
import { endLeftovers } from "./folder.ts";
import { createGroup } from "./group.ts";
import { type Process, type ProcessExit, type ProcessSpec, StartError } from "./process.ts";
import { startTerminal } from "./terminal.ts";

/** Runs a container's program as a process of this machine, in a process group of its own. */
export async function startLocal(spec: ProcessSpec): Promise<Process> {
  const [name, ...args] = spec.command.length > 0 ? spec.command : ["sh"];
  const file = await findExecutable(name ?? "", spec.env["PATH"] ?? "", spec.folder);
  return spec.tty ? startTerminal(file, args, spec) : startPiped(file, args, name ?? "", spec);
}

async function startPiped(file: string, args: string[], argv0: string, spec: ProcessSpec): Promise<Process> {
  const child = spawn(file, args, {
    argv0,
    cwd: spec.folder,
    env: spec.env,
    // A group of its own, so that all it starts can be ended with it.
    detached: true,
    stdio: [spec.stdin ? "pipe" : "ignore", "pipe", "pipe"],
  });
  const { stdin, stdout, stderr, pid } = child;
  const group = pid === undefined ? undefined : createGroup(pid);
  const exit = new Promise<ProcessExit>((resolve) => {
    child.once("exit", (code, signal) => {
      group?.settle();
      resolve({ code: code ?? 128 + constants.signals[signal ?? "SIGKILL"] });
    });
  });
  try {
    await once(child, "spawn");
  } catch (error) {
    throw notStarted(messageOf(error));
  }
  if (!stdout || !stderr || !group) throw new StartError("the process has no output");
  // A process may end without reading all of its input.
  stdin?.on("error", () => undefined);
  return {
    stdin: stdin ?? undefined,
    stdout,
    stderr,
    exit,
    get alive() {
      return group.alive;
    },
    resize: () => undefined,
    kill: group.kill,
    sweep: () => endLeftovers(spec.root),
  };
}
