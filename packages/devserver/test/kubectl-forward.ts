import { once } from "node:events";
import type { Socket } from "node:net";
import type { Kubectl } from "./kubectl.ts";

/** A kubectl that forwards ports. */
export interface Forwarded {
  /** What it listens on for each. */
  readonly ports: ReadonlyMap<number, number>;
  /** Stops it by Ctrl-C; answers with its exit code. */
  stop(): Promise<number | null>;
  /** What it has said. */
  said(): string;
}

/** Forwards ports of a Pod to any free ones. */
export async function forward(
  kubectl: Kubectl,
  pod: string,
  ...remote: readonly number[]
): Promise<Forwarded> {
  const child = kubectl.start(["port-forward", pod, ...remote.map((port) => `:${port}`)]);
  const closed = once(child, "close");
  let text = "";
  const ports = new Map<number, number>();
  child.stderr?.on("data", (chunk) => {
    text += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      for (const [, local, port] of text.matchAll(/127\.0\.0\.1:(\d+) -> (\d+)/g)) {
        ports.set(Number(port), Number(local));
      }
      if (ports.size === remote.length) resolve();
    });
    void closed.then(() => reject(new Error(text)));
  });
  return {
    ports,
    async stop() {
      child.kill("SIGINT");
      const [code] = await closed;
      return code;
    },
    said: () => text,
  };
}

export async function read(socket: Socket, length: number): Promise<string> {
  let text = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.length >= length) break;
  }
  return text;
}
