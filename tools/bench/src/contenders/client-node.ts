import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { Exec, KubeConfig, type V1Status } from "@kubernetes/client-node";
import type { Target } from "../target.ts";
import type { Contender, Take } from "./contender.ts";
import { createInbox } from "./inbox.ts";

/** The usual JavaScript client, with Node streams as it asks for. */
export async function createClientNode(target: Target): Promise<Contender> {
  const exec = new Exec(kubeconfigOf(target));

  const run = async (command: readonly string[], stdout: Writable, stdin: Readable | null): Promise<void> => {
    let status: V1Status | undefined;
    const { namespace, pod, container } = target;
    const socket = await exec.exec(
      namespace,
      pod,
      container,
      [...command],
      stdout,
      null,
      stdin,
      false,
      (answer) => {
        status = answer;
      },
    );
    const finished = once(stdout, "finish");
    await new Promise((resolve) => socket.on("close", resolve));
    if (status?.status !== "Success") throw new Error(`the status was ${JSON.stringify(status)}`);
    await finished;
  };

  return {
    download: (command, take) => run(command, writableOf(take), null),
    async upload(command, writes) {
      let answer = "";
      const stdout = writableOf((chunk) => {
        answer += Buffer.from(chunk).toString();
        return undefined;
      });
      await run(command, stdout, Readable.from(buffersOf(writes), { objectMode: false }));
      return answer;
    },
    async echo(command) {
      const inbox = createInbox();
      const stdout = writableOf((chunk) => {
        inbox.push(chunk);
        return undefined;
      });
      const stdin = new Readable({ read: () => {} });
      const { namespace, pod, container } = target;
      const socket = await exec.exec(namespace, pod, container, [...command], stdout, null, stdin, false);
      return {
        async roundTrip(message) {
          const back = inbox.arrived(message.byteLength);
          stdin.push(message);
          await back;
        },
        async close() {
          socket.terminate();
        },
      };
    },
  };
}

function kubeconfigOf({ at }: Target): KubeConfig {
  const kubeconfig = new KubeConfig();
  if ("kubeconfig" in at) {
    kubeconfig.loadFromFile(at.kubeconfig);
  } else {
    kubeconfig.loadFromOptions({
      // It speaks HTTP without TLS only to whom it would not verify.
      clusters: [{ name: "bench", server: at.server, skipTLSVerify: true }],
      users: [{ name: "bench" }],
      contexts: [{ name: "bench", cluster: "bench", user: "bench" }],
      currentContext: "bench",
    });
  }
  return kubeconfig;
}

function writableOf(take: Take): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, callback) {
      const wait = take(chunk);
      if (wait) wait.then(() => callback(), callback);
      else callback();
    },
  });
}

/** It sends Buffers and strings only. */
function* buffersOf(writes: Iterable<Uint8Array>): Generator<Buffer> {
  for (const { buffer, byteOffset, byteLength } of writes) yield Buffer.from(buffer, byteOffset, byteLength);
}
