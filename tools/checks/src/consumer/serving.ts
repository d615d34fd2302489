import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ServerAccess } from "../kubeconfig-file.ts";

/** The installed devserver, running in a process of its own. */
export interface Serving extends AsyncDisposable {
  readonly access: ServerAccess;
}

export async function startServing(project: string, origin?: string): Promise<Serving> {
  const child = spawn(process.execPath, ["serve.mjs"], {
    cwd: project,
    env: { ...process.env, origin },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), exited.then(() => undefined)]);
  if (!first) throw new Error("the installed devserver ended before it served");
  return {
    access: JSON.parse(String(first[0])),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}
