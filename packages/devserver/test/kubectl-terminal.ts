import { once } from "node:events";
import { startTerminal } from "../src/containers/terminal.ts";
import type { Kubectl } from "./kubectl.ts";
import { type Output, readOutput } from "./kubectl-output.ts";

/** A kubectl in a terminal, as somebody at a keyboard has it; its output is all that was on the screen. */
export interface KubectlTerminal extends Output {
  /** Settles when kubectl has ended, and all that it said has been read. */
  readonly exitCode: Promise<number>;
  write(data: string): void;
  resize(columns: number, rows: number): void;
}

/** Starts kubectl in a terminal of 100 columns and 30 rows. */
export async function openTerminal(
  program: string,
  kubectl: Kubectl,
  command: readonly string[],
): Promise<KubectlTerminal> {
  const { args, env } = kubectl.commandOf(command);
  const folder = process.cwd();
  const switches = { stdin: true, tty: true, exec: false };
  // The pty library alone may lose the last words of a program.
  // It has its size before kubectl is there, which may not hear of a change while it starts.
  const sized = ["-c", 'stty rows 30 cols 100; exec "$0" "$@"', program, ...args];
  const terminal = await startTerminal("sh", sized, { command, env, root: folder, folder, ...switches });
  const closed = once(terminal.stdout, "close");
  return {
    ...readOutput(terminal.stdout),
    exitCode: closed.then(async () => (await terminal.exit).code),
    write: (data) => void terminal.stdin?.write(data),
    resize: (columns, rows) => terminal.resize(columns, rows),
  };
}
