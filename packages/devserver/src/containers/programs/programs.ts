import type { ContainerContext, ContainerProgram } from "../scripted.ts";
import { createConsole } from "./console.ts";
import { flood } from "./flood.ts";
import { isShellCommand, shell } from "./shell.ts";
import { slowReader } from "./slow-reader.ts";

/** Copies its input until that ends. */
async function cat(context: ContainerContext): Promise<number> {
  const { read, out, foreground } = createConsole(context);
  return foreground(async (signal) => {
    for (;;) {
      const bytes = await read();
      if (signal.aborted) return context.signal.aborted ? 143 : 130;
      if (!bytes) return 0;
      await out(bytes);
    }
  });
}

/** Writes its args as a line; without them, it is `cat`. */
async function echo(context: ContainerContext): Promise<number> {
  const { args } = context;
  if (args.length === 0) return cat(context);
  await createConsole(context).out(`${args.join(" ")}\n`);
  return 0;
}

/** Does nothing, and does not heed that it has to end. */
function stubborn(): Promise<number> {
  return new Promise(() => undefined);
}

/** The program of an image whose containers can be entered: an exec, or a command in its place, is the shell's. */
function withShell(program: ContainerProgram): ContainerProgram {
  return (context) => (context.exec || isShellCommand(context.args) ? shell(context) : program(context));
}

/** Programs for containers that need nothing of the machine; each is there as an image `podwire/…` too. */
export const programs = {
  echo: withShell(echo),
  cat: withShell(cat),
  shell,
  flood: withShell(flood),
  slowReader: withShell(slowReader),
  stubborn: withShell(stubborn),
} satisfies Readonly<Record<string, ContainerProgram>>;

/** The images that there are without being asked for. */
export const readyImages: Readonly<Record<string, ContainerProgram>> = {
  "podwire/echo": programs.echo,
  "podwire/cat": programs.cat,
  "podwire/shell": programs.shell,
  "podwire/flood": programs.flood,
  "podwire/slow-reader": programs.slowReader,
  "podwire/stubborn": programs.stubborn,
};
