import { Api, createClient, Pod, type StreamSession } from "@podwire/client";
import { type Connection, type Dial, dial, dialWith } from "@podwire/transport";
import { execPath } from "../target.ts";
import type { Task } from "../task.ts";

type KindOf<K extends Task["kind"]> = Extract<Task, { kind: K }>;

/** What a page can be asked to do, once. */
export type PageTask =
  | Omit<KindOf<"download">, "content" | "thorough">
  | KindOf<"upload">
  | KindOf<"slow-reader">
  | KindOf<"stalled-peer">;

/** Takes a chunk of output; where it answers with a promise, the next chunk has to wait for it. */
export type Take = (chunk: Uint8Array) => Promise<void> | undefined;

/** One way to run a command in a Pod from a page. */
interface PageContender {
  download(command: readonly string[], take: Take): Promise<void>;
  /** Writes to a command that reads them all, waiting above 1 MiB; resolves with its stdout. */
  upload(command: readonly string[], writes: Iterable<Uint8Array>): Promise<string>;
}

// Runs in a page, whose server is the one that it came from.
const target = { at: { server: location.origin }, namespace: "default", pod: "bench", container: "main" };
const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];
const markBytes = 1_048_576;
const urlOf = (command: readonly string[], stdin: boolean): string =>
  location.origin.replace("http", "ws") + execPath(target, command, stdin);

/** The control: a WebSocket alone, with what any page has to do itself: channel bytes, the status, a queue for who is slow. */
const bare: PageContender = {
  download: (command, take) => runBare(urlOf(command, false), take).ended,
  async upload(command, writes) {
    let stdout = "";
    const { socket, opened, ended } = runBare(urlOf(command, true), (chunk) => {
      stdout += new TextDecoder().decode(chunk);
      return undefined;
    });
    await opened;
    for (const write of writes) {
      socket.send(stdinFrame(write));
      while (socket.bufferedAmount >= markBytes) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await ended;
    return stdout;
  },
};

function runBare(url: string, take: Take) {
  const socket = new WebSocket(url, protocols);
  socket.binaryType = "arraybuffer";
  const opened = new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const ended = new Promise<void>((resolve, reject) => {
    // Nothing stops its peer.
    const queue = queued(take);
    const { message, close } = readerOf(queue.put, () => queue.drained().then(resolve, reject), reject);
    socket.onmessage = ({ data }) => message(new Uint8Array(data));
    socket.onclose = close;
  });
  return { socket, opened, ended };
}

/** Hands on at once, but keeps in a queue what comes while the taker is busy. */
function queued(take: Take): { put(chunk: Uint8Array): void; drained(): Promise<void> } {
  let queue: (Uint8Array | undefined)[] | undefined;
  let drained = Promise.resolve();
  const drain = async (wait: Promise<void>, chunks: (Uint8Array | undefined)[]): Promise<void> => {
    await wait;
    for (let next = 0; next < chunks.length; next += 1) {
      const chunk = chunks[next];
      chunks[next] = undefined;
      if (chunk) await take(chunk);
    }
    queue = undefined;
  };
  return {
    put(chunk) {
      if (queue) {
        queue.push(chunk);
        return;
      }
      const wait = take(chunk);
      if (!wait) return;
      queue = [];
      drained = drain(wait, queue);
    },
    drained: () => drained,
  };
}

const dialled = (way: Dial): PageContender => ({
  download: (command, take) =>
    new Promise((resolve, reject) => {
      const accept = (connection: Connection) => {
        const onChunk = (chunk: Uint8Array): void => {
          const wait = take(chunk);
          if (!wait) return;
          connection.pause();
          wait.then(connection.resume, reject);
        };
        return readerOf(onChunk, resolve, reject);
      };
      way(urlOf(command, false), accept, { protocols }).catch(reject);
    }),
  upload: (command, writes) =>
    new Promise((resolve, reject) => {
      let stdout = "";
      let drained = (): void => {};
      const take = (chunk: Uint8Array): void => {
        stdout += new TextDecoder().decode(chunk);
      };
      const write = async (connection: Connection): Promise<void> => {
        for (const bytes of writes) {
          if (connection.send(stdinFrame(bytes))) continue;
          await new Promise<void>((onDrain) => {
            drained = onDrain;
          });
        }
      };
      const accept = () => ({ ...readerOf(take, () => resolve(stdout), reject), drain: () => drained() });
      way(urlOf(command, true), accept, { protocols }).then(write).catch(reject);
    }),
});

const podwire = (way: Dial): PageContender => {
  const { exec } = new Api(Pod, { client: createClient({ server: location.origin, dial: way }) });
  const { pod, container } = target;
  const options = { container, protocols, readPod: false } as const;
  return {
    async download(command, take) {
      const session = await exec.stream(pod, { ...options, command });
      for await (const chunk of session.stdout) {
        const wait = take(chunk);
        if (wait) await wait;
      }
      await succeeded(session);
    },
    async upload(command, writes) {
      const session = await exec.stream(pod, { ...options, command, stdin: true });
      for (const write of writes) await session.stdin.write(write);
      const answer = await session.stdout.text();
      await succeeded(session);
      return answer;
    },
  };
};

export const pageContenders = {
  bare,
  dial: dialled(dial),
  "dial-plain": dialled(dialWith(WebSocket)),
  podwire: podwire(dial),
  "podwire-plain": podwire(dialWith(WebSocket)),
};

export type PageContenderName = keyof typeof pageContenders;

function stdinFrame(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(bytes.byteLength + 1);
  frame.set(bytes, 1);
  return frame;
}

function readerOf(take: (chunk: Uint8Array) => void, resolve: () => void, reject: (reason: unknown) => void) {
  let status = "";
  return {
    message(data: Uint8Array | string) {
      if (typeof data === "string") return;
      if (data[0] === 1) take(data.subarray(1));
      else if (data[0] === 3) status += new TextDecoder().decode(data.subarray(1));
    },
    close({ code }: { readonly code: number }) {
      if (status !== "" && JSON.parse(status).status === "Success") resolve();
      else reject(new Error(`closed with ${code} and status ${status || "none"}`));
    },
  };
}

async function succeeded(session: StreamSession): Promise<void> {
  const exit = await session.exited;
  if (exit.kind !== "exited" || exit.code !== 0) throw new Error(`ended: ${exit.kind}`);
}
