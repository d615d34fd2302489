import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

/** A Firefox that is driven by WebDriver BiDi, with one page. */
export interface Firefox extends AsyncDisposable {
  /** Loads a page, and waits until it has. */
  open(url: string): Promise<void>;
  /** Calls a function of the page with a JSON value; answers with JSON what it resolves with. */
  call(name: string, argument: unknown): Promise<string>;
}

/** Starts a Firefox without a window, with a profile of its own. */
export async function launchFirefox(program: string): Promise<Firefox> {
  const profile = await mkdtemp(join(tmpdir(), "podwire-firefox-"));
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill();
    await exited;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const driver = await connect(await addressOf(child.stderr, exited));
    await driver.command("session.new", { capabilities: {} });
    const { contexts } = await driver.command("browsingContext.getTree", {});
    const context = contexts?.[0]?.context ?? "";
    return {
      async open(url) {
        await driver.command("browsingContext.navigate", { context, url, wait: "complete" });
      },
      async call(name, argument) {
        const { result, exceptionDetails } = await driver.command("script.callFunction", {
          functionDeclaration: `async (argument) => JSON.stringify(await ${name}(JSON.parse(argument)))`,
          arguments: [{ type: "string", value: JSON.stringify(argument) }],
          target: { context },
          awaitPromise: true,
        });
        if (result?.value === undefined) throw new Error(`the page failed: ${exceptionDetails?.text}`);
        return result.value;
      },
      async [Symbol.asyncDispose]() {
        driver.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The line in which Firefox says where its driver listens. */
async function addressOf(output: NodeJS.ReadableStream, exited: Promise<unknown>): Promise<string> {
  const lines = createInterface({ input: output });
  const listening = new Promise<string>((resolve) => {
    lines.on("line", (line) => {
      const [, address] = /^WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
      if (address) resolve(address);
    });
  });
  const address = await Promise.race([listening, exited.then(() => undefined)]);
  if (address === undefined) throw new Error("Firefox ended before its driver listened");
  return address;
}

/** As much of the answers of WebDriver BiDi as is used. */
interface Answer {
  readonly contexts?: readonly { readonly context: string }[];
  readonly result?: { readonly value?: string };
  readonly exceptionDetails?: { readonly text: string };
}

interface Message {
  readonly id?: number;
  readonly result?: Answer;
  readonly message?: string;
}

interface Driver {
  command(method: string, params: object): Promise<Answer>;
  close(): void;
}

async function connect(address: string): Promise<Driver> {
  const socket = new WebSocket(`${address}/session`, { perMessageDeflate: false });
  const waiting = new Map<number, (message: Message) => void>();
  socket.on("message", (data) => {
    const message: Message = JSON.parse(String(data));
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  socket.on("close", () => {
    for (const settle of waiting.values()) settle({ message: "Firefox has ended" });
  });
  await once(socket, "open");
  let last = 0;
  return {
    async command(method, params) {
      const id = ++last;
      const { result, message } = await new Promise<Message>((resolve) => {
        waiting.set(id, resolve);
        socket.send(JSON.stringify({ id, method, params }));
      });
      waiting.delete(id);
      if (!result) throw new Error(`${method} failed: ${message}`);
      return result;
    },
    close: () => socket.close(),
  };
}
