import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import { execPath, type Target } from "../target.ts";
import type { Contender, Take } from "./contender.ts";
import { createInbox } from "./inbox.ts";

const markBytes = 1_048_576;

/** The control of what collects: `ws` alone, and all output in one Buffer at the end. */
export async function createBareCollected(target: Target): Promise<Contender> {
  const bare = await createBare(target);
  return {
    ...bare,
    async download(command, take) {
      const chunks: Uint8Array[] = [];
      await bare.download(command, (chunk) => {
        chunks.push(chunk);
        return undefined;
      });
      await take(Buffer.concat(chunks));
    },
  };
}

/** The control of `for await`: `ws` alone, and the shortest queue that can be iterated; without back-pressure. */
export async function createBareIterated(target: Target): Promise<Contender> {
  const bare = await createBare(target);
  return {
    ...bare,
    async download(command, take) {
      const queue: Uint8Array[] = [];
      let over = false;
      let wake = (): void => {};
      const end = bare.download(command, (chunk) => {
        queue.push(chunk);
        wake();
        return undefined;
      });
      const ended = end.finally(() => {
        over = true;
        wake();
      });
      const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
        for (;;) {
          const value = queue.shift();
          if (value) return { done: false, value };
          if (over) return { done: true, value: undefined };
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      };
      const chunks: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next }) };
      for await (const chunk of chunks) {
        const wait = take(chunk);
        if (wait) await wait;
      }
      await ended;
    },
  };
}

/** The control: `ws` alone, with what any program has to do itself: one channel byte, the status, back-pressure. */
export async function createBare(target: Target): Promise<Contender> {
  const { server, options } = await connectionOf(target);

  const open = (command: readonly string[], stdin: boolean): WebSocket =>
    new WebSocket(
      server.replace("http", "ws") + execPath(target, command, stdin),
      ["v5.channel.k8s.io", "v4.channel.k8s.io"],
      { ...options, perMessageDeflate: false },
    );

  return {
    async download(command, take) {
      await runToEnd(open(command, false), take);
    },
    async upload(command, writes) {
      const socket = open(command, true);
      let stdout = "";
      const end = runToEnd(socket, (chunk) => {
        stdout += Buffer.from(chunk).toString();
        return undefined;
      });
      await once(socket, "open");
      for (const write of writes) {
        const wait = send(socket, write);
        if (wait) await wait;
      }
      await end;
      return stdout;
    },
    async echo(command) {
      const socket = open(command, true);
      const inbox = createInbox();
      socket.on("message", (message: Buffer) => {
        if (message[0] === 1 && message.byteLength > 1) inbox.push(message.subarray(1));
      });
      await once(socket, "open");
      return {
        async roundTrip(message) {
          const back = inbox.arrived(message.byteLength);
          const wait = send(socket, message);
          if (wait) await wait;
          await back;
        },
        async close() {
          socket.terminate();
          await once(socket, "close");
        },
      };
    },
  };
}

/** Sends stdin; above the mark it answers with a promise for when this message is written. */
function send(socket: WebSocket, payload: Uint8Array): Promise<void> | undefined {
  const message = Buffer.allocUnsafe(payload.byteLength + 1);
  message[0] = 0;
  message.set(payload, 1);
  if (socket.bufferedAmount < markBytes) {
    socket.send(message);
    return undefined;
  }
  return new Promise((resolve, reject) => {
    socket.send(message, (error) => (error ? reject(error) : resolve()));
  });
}

function runToEnd(socket: WebSocket, take: Take): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = "";
    let waiting = 0;
    socket.on("message", (message: Buffer) => {
      if (message[0] === 1) {
        const wait = take(message.subarray(1));
        if (!wait) return;
        waiting += 1;
        // What has been read already still comes.
        socket.pause();
        wait.then(() => {
          waiting -= 1;
          if (waiting === 0) socket.resume();
        }, reject);
      } else if (message[0] === 3) {
        status += message.subarray(1).toString();
      }
    });
    socket.on("error", reject);
    socket.on("close", (code) => {
      if (status !== "" && JSON.parse(status).status === "Success") resolve();
      else reject(new Error(`closed with ${code} and status ${status || "none"}`));
    });
  });
}

async function connectionOf({ at }: Target): Promise<{ server: string; options: ClientOptions }> {
  if ("server" in at) {
    const headers = at.token === undefined ? {} : { authorization: `Bearer ${at.token}` };
    return { server: at.server, options: { headers } };
  }
  const { KubeConfig } = await import("@kubernetes/client-node");
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(at.kubeconfig);
  const options = {};
  await kubeconfig.applyToHTTPSOptions(options);
  return { server: kubeconfig.getCurrentCluster()?.server ?? "", options };
}
