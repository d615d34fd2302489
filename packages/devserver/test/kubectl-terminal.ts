import { spawn } from "@lydell/node-pty";
import type { Kubectl } from "./kubectl.ts";

/** A kubectl in a terminal, as somebody at a keyboard has it. */
export interface KubectlTerminal {
  /** Settles when kubectl has ended. */
  readonly exitCode: Promise<number>;
  /** All that was on the screen. */
  text(): string;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  /** Waits for what matches all that was on the screen; fails when kubectl ends without it. */
  until(pattern: RegExp): Promise<void>;
}

/** Starts kubectl in a terminal of 100 columns and 30 rows. */
export function openTerminal(program: string, kubectl: Kubectl, command: readonly string[]): KubectlTerminal {
  const { args, env } = kubectl.commandOf(command);
  const pty = spawn(program, args, { cols: 100, rows: 30, env, name: "xterm" });
  let text = "";
  let look: () => void = () => undefined;
  pty.onData((data) => {
    text += data;
    look();
  });
  const exitCode = new Promise<number>((resolve) => {
    pty.onExit((end) => resolve(end.exitCode));
  });
  return {
    exitCode,
    text: () => text,
    write: (data) => pty.write(data),
    resize: (columns, rows) => pty.resize(columns, rows),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => pattern.test(text) && resolve();
        look();
        void exitCode.then((code) => reject(new Error(`ended with ${code} after ${JSON.stringify(text)}`)));
      }),
  };
}
