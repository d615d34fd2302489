import { Api, createClient, Pod } from "@podwire/client";
import { type Dial, dial, dialWith } from "@podwire/transport";
import { createChecker } from "../checker.ts";
import { pattern } from "../pattern.ts";
import { execPath } from "../target.ts";

// Runs in a page, whose server is the one that it came from.
const target = { at: { server: location.origin }, namespace: "default", pod: "bench", container: "main" };
const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];
const urlOf = (command: readonly string[]): string =>
  location.origin.replace("http", "ws") + execPath(target, command, false);

type Take = (chunk: Uint8Array) => void;
type Download = (command: readonly string[], take: Take) => Promise<void>;

/** The control: a WebSocket alone, with what any page has to do itself: one channel byte, and the status. */
const bare: Download = (command, take) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(urlOf(command), protocols);
    socket.binaryType = "arraybuffer";
    const { message, close } = readerOf(take, resolve, reject);
    socket.onmessage = ({ data }) => message(new Uint8Array(data));
    socket.onclose = close;
  });

const dialled =
  (way: Dial): Download =>
  (command, take) =>
    new Promise((resolve, reject) => {
      way(urlOf(command), () => readerOf(take, resolve, reject), { protocols }).catch(reject);
    });

const podwire =
  (way: Dial): Download =>
  async (command, take) => {
    const client = createClient({ server: location.origin, dial: way });
    const { exec } = new Api(Pod, { client });
    const { pod, container } = target;
    const session = await exec.stream(pod, { command, container, protocols, readPod: false });
    for await (const chunk of session.stdout) take(chunk);
    const exit = await session.exited;
    if (exit.kind !== "exited" || exit.code !== 0) throw new Error(`ended: ${exit.kind}`);
  };

const contenders = {
  bare,
  dial: dialled(dial),
  "dial-plain": dialled(dialWith(WebSocket)),
  podwire: podwire(dial),
  "podwire-plain": podwire(dialWith(WebSocket)),
};

export type PageContenderName = keyof typeof contenders;

/** Takes everything a command sends, opening and closing counted; answers with MiB/s. */
export async function timeDownload(
  name: PageContenderName,
  command: readonly string[],
  totalBytes: number,
  thorough: boolean,
): Promise<number> {
  const checker = createChecker(pattern, thorough ? 1 : undefined);
  const start = performance.now();
  await contenders[name](command, checker.take);
  const seconds = (performance.now() - start) / 1_000;
  checker.finish(totalBytes);
  return totalBytes / 1_048_576 / seconds;
}

function readerOf(take: Take, resolve: () => void, reject: (reason: unknown) => void) {
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
