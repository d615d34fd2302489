import type { ContainerContext } from "../scripted.ts";
import { type Console, createConsole } from "./console.ts";
import { type CommandContext, commands } from "./shell-commands.ts";
import { type Command, parseScript, ScriptError, type Word } from "./shell-script.ts";

const shells = ["sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash"];

/** Whether a container's args are a command of the shell, and not what its program is given. */
export function isShellCommand([name = ""]: readonly string[]): boolean {
  return shells.includes(name) || commands.has(name) || name === "exit";
}

/** A tiny shell: without args it reads its commands from stdin, in a terminal with a prompt and its editing. */
export async function shell(context: ContainerContext): Promise<number> {
  const console = createConsole(context);
  const state: ShellState = { context, console, env: new Map(Object.entries(context.env)), status: 0 };
  const code = await console.foreground((signal) => runArgs(state, context.args, signal));
  return context.signal.aborted ? 143 : code;
}

interface ShellState {
  readonly context: ContainerContext;
  readonly console: Console;
  readonly env: Map<string, string>;
  /** Of the last command: `$?`. */
  status: number;
  /** Set by `exit`. */
  left?: boolean;
}

async function runArgs(state: ShellState, args: readonly string[], signal: AbortSignal): Promise<number> {
  const [name, option, script = ""] = args;
  if (name === undefined || (shells.includes(name) && option === undefined)) return converse(state);
  if (shells.includes(name)) {
    if (option === "-c") return runScript(state, script, signal);
    await state.console.err(`sh: ${option}: this shell takes -c alone\n`);
    return 2;
  }
  await runWords(state, args, state.console.out, signal);
  return state.status;
}

/** Reads commands until the end of input or `exit`. */
async function converse(state: ShellState): Promise<number> {
  const { console, context } = state;
  while (!state.left && !context.signal.aborted) {
    if (context.tty) await console.out("$ ");
    const line = await console.foreground(() => console.line());
    if (line === undefined) {
      if (context.tty) await console.out("\n");
      break;
    }
    await console.foreground((signal) => runScript(state, line, signal));
  }
  return state.status;
}

async function runScript(state: ShellState, script: string, signal: AbortSignal): Promise<number> {
  let list: Command[] = [];
  try {
    list = parseScript(script);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    await state.console.err(`sh: ${error.message}\n`);
    state.status = 2;
  }
  for (const { words, toStderr, when } of list) {
    if (state.left || signal.aborted) break;
    if (when === "&&" && state.status !== 0) continue;
    if (when === "||" && state.status === 0) continue;
    const out = toStderr ? state.console.err : state.console.out;
    await runWords(
      state,
      words.flatMap((word) => textsOf(word, state)),
      out,
      signal,
    );
    // Ctrl-C ends the whole line.
    if (signal.aborted) state.status = 130;
  }
  return state.status;
}

async function runWords(
  state: ShellState,
  words: readonly string[],
  out: CommandContext["out"],
  signal: AbortSignal,
): Promise<void> {
  const { console, context, env } = state;
  const begin = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  for (const word of words.slice(0, begin < 0 ? undefined : begin)) {
    const [name = ""] = word.split("=", 1);
    env.set(name, word.slice(name.length + 1));
  }
  const [name, ...args] = begin < 0 ? [] : words.slice(begin);
  if (name === undefined) {
    state.status = 0;
    return;
  }
  if (name === "exit") {
    state.status = Number.parseInt(args[0] ?? String(state.status), 10) & 255;
    state.left = true;
    return;
  }
  if (shells.includes(name)) {
    const inner: ShellState = { ...state, env: new Map(env), left: false };
    state.status = await runArgs(inner, [name, ...args], signal);
    return;
  }
  const command = commands.get(name);
  if (!command) {
    await console.err(`sh: ${name}: not found\n`);
    state.status = 127;
    return;
  }
  state.status = await command({ args, env, console, out, signal, size: context.size() });
}

/** None for one that is nothing but variables without a value. */
function textsOf({ parts, quoted }: Word, { env, status }: ShellState): string[] {
  const text = parts
    .map((part) => {
      if (typeof part === "string") return part;
      return part.variable === "?" ? String(status) : (env.get(part.variable) ?? "");
    })
    .join("");
  return text === "" && !quoted ? [] : [text];
}
