import {
  Api,
  createClient,
  type ExecOptions,
  exec,
  Pod,
  type SmallExecOptions,
  type SmallSession,
  type StreamSession,
} from "@podwire/client";
import { type ContainerProgram, createDevServer } from "@podwire/devserver";
import * as headless from "@xterm/headless";
import { onTestFinished } from "vitest";

// Bundlers see names in it; Node sees its default export alone.
const { Terminal } =
  "default" in headless ? (headless.default as typeof headless) : (headless as typeof headless);

export type HeadlessTerminal = InstanceType<typeof Terminal>;

/** A terminal without a page. */
export function createTerminal(
  options: { cols?: number; rows?: number; scrollback?: number } = {},
): HeadlessTerminal {
  const terminal = new Terminal({
    allowProposedApi: true,
    cols: 80,
    rows: 24,
    scrollback: 1_000,
    ...options,
  });
  onTestFinished(() => terminal.dispose());
  return terminal;
}

/** The lines of a terminal that are not empty, trimmed. */
export function linesOf({ buffer }: HeadlessTerminal): string[] {
  const { normal } = buffer;
  const lines = Array.from(
    { length: normal.length },
    (_, y) => normal.getLine(y)?.translateToString(true) ?? "",
  );
  return lines.filter((line) => line !== "");
}

/** Calls back for everything that the terminal has taken in. */
export async function appears(terminal: HeadlessTerminal, pattern: RegExp): Promise<void> {
  if (pattern.test(linesOf(terminal).join("\n"))) return;
  await new Promise<void>((resolve) => {
    const listener = terminal.onWriteParsed(() => {
      if (!pattern.test(linesOf(terminal).join("\n"))) return;
      listener.dispose();
      resolve();
    });
  });
}

/** Sessions of a server that lives as long as the test; a program in place of a process where one is given. */
export async function startServer(program?: ContainerProgram): Promise<{
  exec(options: ExecOptions): Promise<StreamSession>;
  execSmall(options: SmallExecOptions): Promise<SmallSession>;
}> {
  const server = await createDevServer({ images: program ? { app: program } : {} });
  onTestFinished(() => server.close());
  const pods = new Api(Pod, { client: createClient(server.config) });
  await pods.create({
    metadata: { name: "app" },
    spec: {
      containers: [
        program
          ? { name: "main", image: "app" }
          : { name: "main", image: "busybox", command: ["sleep", "1000"] },
      ],
    },
  });
  return {
    async exec(options) {
      const session = await pods.exec.stream("app", options);
      onTestFinished(() => session.close());
      return session;
    },
    async execSmall(options) {
      await pods.waitFor("app", ({ status }) => status?.phase === "Running");
      const session = await exec(server.config, "app", options);
      onTestFinished(() => session.close());
      return session;
    },
  };
}

/** A container that runs a program for each exec, and else waits for its end. */
export function execOnly(program: ContainerProgram): ContainerProgram {
  return async (container) => {
    if (container.exec) return program(container);
    await new Promise((resolve) => container.signal.addEventListener("abort", resolve));
    return 0;
  };
}
