import { setTimeout as sleep } from "node:timers/promises";
import type { TerminalSize } from "../../sessions/session.ts";
import { longestTimerMs } from "../../timers.ts";
import type { Console } from "./console.ts";

/** What a command of the shell works with. */
export interface CommandContext {
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly console: Console;
  /** Where its stdout goes. */
  readonly out: (data: string | Uint8Array) => Promise<void>;
  /** Interrupts it. */
  readonly signal: AbortSignal;
  readonly size: TerminalSize | undefined;
}

/** Commands answer with their exit status; those that the shell does itself are not among them. */
type ShellCommand = (context: CommandContext) => Promise<number>;

export const commands: ReadonlyMap<string, ShellCommand> = new Map<string, ShellCommand>([
  [":", async () => 0],
  ["true", async () => 0],
  ["false", async () => 1],
  [
    "echo",
    async ({ args, out }) => {
      const [first, ...more] = args;
      await out(first === "-n" ? more.join(" ") : `${args.join(" ")}\n`);
      return 0;
    },
  ],
  [
    "cat",
    async ({ args: [file = "-"], console, out, signal }) => {
      if (file !== "-") {
        await console.err(`cat: can't open '${file}': No such file or directory\n`);
        return 1;
      }
      while (!signal.aborted) {
        const bytes = await console.read();
        if (!bytes) return 0;
        if (!signal.aborted) await out(bytes);
      }
      return 130;
    },
  ],
  [
    "env",
    async ({ env, out }) => {
      await out([...env].map(([name, value]) => `${name}=${value}\n`).join(""));
      return 0;
    },
  ],
  [
    "pwd",
    async ({ env, out }) => {
      await out(`${env.get("PWD") ?? env.get("HOME") ?? "/"}\n`);
      return 0;
    },
  ],
  [
    "stty",
    async ({ args: [what], console, out, size }) => {
      if (what === "size" && size) {
        await out(`${size.height} ${size.width}\n`);
        return 0;
      }
      await console.err(size ? `stty: invalid argument '${what ?? ""}'\n` : "stty: standard input\n");
      return 1;
    },
  ],
  [
    "sleep",
    async ({ args: [time = ""], console, signal }) => {
      const seconds = secondsOf(time);
      if (seconds === undefined) {
        await console.err(`sleep: invalid number '${time}'\n`);
        return 1;
      }
      let leftMs = seconds * 1_000;
      while (leftMs > 0 && !signal.aborted) {
        const stepMs = Math.min(leftMs, longestTimerMs);
        await sleep(stepMs, undefined, { signal }).catch(() => undefined);
        leftMs -= stepMs;
      }
      return signal.aborted ? 130 : 0;
    },
  ],
]);

const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400 };

function secondsOf(time: string): number | undefined {
  if (time === "infinity") return Number.POSITIVE_INFINITY;
  const [, number, unit = ""] = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(time) ?? [];
  return number === undefined ? undefined : Number(number) * (units[unit] ?? 1);
}
