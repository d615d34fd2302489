import type { ChildProcess } from "node:child_process";
import { messageOf, startChild } from "./child.ts";
import { createBare } from "./contenders/bare.ts";
import type { Contender } from "./contenders/contender.ts";

/** A server in a process of its own, and the client that goes there. */
export interface ServerChild {
  readonly child: ChildProcess;
  readonly client: Contender;
  /** Bytes that the process still uses once its garbage is collected. */
  footprint(): Promise<number>;
}

export async function startServer(file: "server/plain.ts" | "server/devserver.ts"): Promise<ServerChild> {
  const { child, message } = await startChild(file, []);
  const { port, token } = message as { readonly port: number; readonly token: string | undefined };
  const at = { server: `http://127.0.0.1:${port}`, ...(token !== undefined && { token }) };
  // One answer after the other: they say not to what.
  let last = Promise.resolve(0);
  return {
    child,
    client: await createBare({ at, namespace: "default", pod: "bench", container: "main" }),
    footprint() {
      last = last.then(async () => {
        const answer = messageOf(child);
        child.send("footprint");
        return Number(await answer);
      });
      return last;
    },
  };
}
