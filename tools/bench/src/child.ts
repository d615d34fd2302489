import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Starts a file of this folder in another process, without the condition `@podwire/source` of this one: the packages
 * come from their dist there, as users get them. Resolves with the first message, which says that it is ready.
 */
export async function startChild(
  file: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; message: unknown }> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
    execArgv: ["--import", "tsx", "--expose-gc"],
  });
  return { child, message: await messageOf(child) };
}

/** The next message of a child; rejects when it ends without one. */
export function messageOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null): void =>
      reject(new Error(`a process ended with ${code ?? signal}; has "pnpm build" been run?`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}

/** Lets a child end, and waits until it has. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  if (child.connected) child.disconnect();
  await ended;
}
