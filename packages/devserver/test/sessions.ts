import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { DevServer } from "@podwire/devserver";
import { WebSocket } from "ws";

export const v5 = "v5.channel.k8s.io";
export const v4 = "v4.channel.k8s.io";

/** A status as Kubernetes 1.36 writes it, with metadata where it is not the runtime's own. */
export function statusOver(protocol: string, rest: string): string {
  return `{${protocol === v5 ? '"metadata":{},' : ""}${rest}}`;
}

/** One session as its bytes: what came, and what is sent, in hex or as it is. */
export interface RawSession {
  readonly socket: WebSocket;
  /** All messages so far. */
  readonly messages: readonly Buffer[];
  /** The code of the Close frame; 1006 when there was none. */
  readonly closed: Promise<number>;
  send(bytes: string | Uint8Array): void;
  /** The payloads of one channel together. */
  bytes(channel: number): Buffer;
  text(channel: number): string;
  /** Resolves as soon as it holds; rejects when the session ends before. */
  until(condition: (session: RawSession) => boolean): Promise<void>;
}

export function openSession(
  { url, config }: Pick<DevServer, "url" | "config">,
  target: string,
  protocols: readonly string[] = [v5],
): Promise<RawSession> {
  const [path, query] = target.split("?");
  const address = `${url.replace("http", "ws")}/api/v1/namespaces/default/pods/${path}?${query}`;
  const socket = new WebSocket(address, [...protocols], {
    headers: { authorization: `Bearer ${config.token}` },
    perMessageDeflate: false,
  });
  const messages: Buffer[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data) => {
    if (Buffer.isBuffer(data)) messages.push(data);
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => {
    socket.once("close", resolve);
  });
  const bytes = (channel: number): Buffer =>
    Buffer.concat(messages.filter((one) => one[0] === channel).map((one) => one.subarray(1)));
  const session: RawSession = {
    socket,
    messages,
    closed,
    send: (data) =>
      socket.send(typeof data === "string" ? Buffer.from(data.replaceAll(" ", ""), "hex") : data),
    bytes,
    text: (channel) => bytes(channel).toString(),
    until(condition) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (!condition(session)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void closed.then((code) => {
          look();
          reject(new Error(`closed with ${code} after ${messages.map((one) => one.toString("latin1"))}`));
        });
        look();
      });
    },
  };
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(session));
    socket.on("error", reject);
  });
}

/** `streams` are the letters of stdin, stdout, stderr and tty. */
export function streamsQuery(streams: string): string {
  const names: Record<string, string> = { i: "stdin", o: "stdout", e: "stderr", t: "tty" };
  return [...streams].map((letter) => `${names[letter]}=true`).join("&");
}

/** Runs a line of shell in the Pod `web`. */
export function openShell(
  server: DevServer,
  script: string,
  streams = "oe",
  protocol: string = v5,
): Promise<RawSession> {
  const command = `command=sh&command=-c&command=${encodeURIComponent(script)}`;
  return openSession(server, `web/exec?${command}&${streamsQuery(streams)}`, [protocol]);
}

/** The session goes on: what is sent now is answered. */
export async function expectAlive({ socket }: RawSession): Promise<void> {
  socket.ping();
  await once(socket, "pong");
}

/** The request of an upgrade, to be written as it is. */
export function upgradeRequest(
  { url, config }: Pick<DevServer, "url" | "config">,
  target: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  method = "GET",
): string {
  const all = {
    Host: new URL(url).host,
    Authorization: `Bearer ${config.token}`,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": v5,
    ...headers,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => (value ?? "").split("\n").map((line) => `${name}: ${line}`));
  return [`${method} /api/v1/namespaces/default/pods/${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

async function dial({ url }: DevServer): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** A connection whose end of the server does not end the client's. */
export function connectHalfOpen({ url }: DevServer): Socket {
  return connect({ port: Number(new URL(url).port), host: "127.0.0.1", allowHalfOpen: true });
}

/** Writes until nobody reads any more, which the system knows only a while later; answers with its code. */
export async function writeUntilBroken(socket: Socket): Promise<string> {
  const broken = once(socket, "error");
  const write = (error?: Error | null): void => {
    if (!error) setImmediate(() => socket.write("a", write));
  };
  write();
  const [error] = await broken;
  return String(error?.code);
}

/** Everything the server answers to a request until it ends the connection. */
export async function answerTo(server: DevServer, request: string): Promise<string> {
  const socket = await dial(server);
  socket.write(request);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

/** The head of an answer that is a 101. */
export async function headOf(server: DevServer, request: string): Promise<string> {
  const socket = await dial(server);
  socket.write(request);
  let text = "";
  for await (const chunk of socket) {
    text += chunk.toString("latin1");
    if (text.includes("\r\n\r\n")) break;
  }
  return text.slice(0, text.indexOf("\r\n\r\n"));
}

/** An unfragmented, masked client frame of less than 126 bytes. */
export function frame(opcode: number, payload: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from([0x80 | opcode, 0x80 | payload.byteLength, 0, 0, 0, 0]),
    Buffer.from(payload),
  ]);
}
