import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Target } from "../target.ts";
import type { Contender } from "./contender.ts";
import { createInbox } from "./inbox.ts";

/** `kubectl exec` through its pipes; its start counts, as it does for whoever calls it. */
export async function createKubectl(target: Target): Promise<Contender> {
  const { at, namespace, pod, container } = target;
  if (!("kubeconfig" in at)) throw new TypeError("kubectl needs a kubeconfig");

  const start = (command: readonly string[], stdin: boolean) => {
    const args = [
      "--kubeconfig",
      at.kubeconfig,
      "--namespace",
      namespace,
      "exec",
      pod,
      "--container",
      container,
    ];
    const child = spawn("kubectl", [...args, ...(stdin ? ["--stdin"] : []), "--", ...command], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    return { child, ended: succeeded(child) };
  };

  return {
    outside: true,
    async download(command, take) {
      const { child, ended } = start(command, false);
      child.stdout.on("data", take);
      await ended;
    },
    async upload(command, writes) {
      const { child, ended } = start(command, true);
      let answer = "";
      child.stdout.on("data", (chunk: Buffer) => {
        answer += chunk.toString();
      });
      await pipeline(Readable.from(writes, { objectMode: false }), child.stdin);
      await ended;
      return answer;
    },
    async echo(command) {
      const { child, ended } = start(command, true);
      const inbox = createInbox();
      child.stdout.on("data", inbox.push);
      return {
        async roundTrip(message) {
          const back = inbox.arrived(message.byteLength);
          child.stdin.write(message);
          await back;
        },
        async close() {
          child.stdin.end();
          await ended;
        },
      };
    },
  };
}

async function succeeded(child: ChildProcess): Promise<void> {
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`kubectl ended with exit code ${code}`);
}
