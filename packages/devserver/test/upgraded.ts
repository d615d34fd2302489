import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect } from "node:tls";
import { promisify } from "node:util";
import type { DevServer } from "@podwire/devserver";
import { upgradeRequest } from "./sessions.ts";

/** Asks a server for an upgrade of a Pod, `target` being path and query behind its name; rejects with any answer but 101. */
export type Upgrade = (
  target: string,
  headers: Readonly<Record<string, string | undefined>>,
  method?: string,
  /** What is sent in the same packet. */
  more?: Uint8Array,
) => Promise<Upgraded>;

export interface Upgraded {
  readonly socket: Socket;
  /** The head of the 101. */
  readonly answer: string;
  /** What came behind it in the same packet. */
  readonly head: Buffer;
}

/** Headers of an upgrade to SPDY. */
export function spdyHeaders(...protocols: readonly string[]): Record<string, string | undefined> {
  return {
    Upgrade: "SPDY/3.1",
    "Content-Length": "0",
    "Sec-WebSocket-Key": undefined,
    "Sec-WebSocket-Version": undefined,
    "Sec-WebSocket-Protocol": undefined,
    "X-Stream-Protocol-Version": protocols.length > 0 ? protocols.join("\n") : undefined,
  };
}

export function devServerUpgrade(server: () => DevServer, pod: string): Upgrade {
  return async (target, headers, method, more = new Uint8Array(0)) => {
    const socket = connectPlain(Number(new URL(server().url).port), "127.0.0.1");
    const request = upgradeRequest(server(), `${pod}/${target}`, headers, method);
    socket.write(Buffer.concat([Buffer.from(request), more]));
    return upgraded(socket);
  };
}

/** Where the cluster of KUBECONFIG is, with a client certificate. */
export async function clusterSecrets() {
  const view = ["config", "view", "--raw", "--minify", "--flatten", "-o", "json"];
  const { stdout } = await promisify(execFile)("kubectl", view);
  const { clusters, users } = JSON.parse(stdout);
  const bytes = (text: string): Buffer => Buffer.from(text, "base64");
  const url: string = clusters[0].cluster.server;
  const { hostname: host, port } = new URL(url);
  return {
    host,
    port: Number(port),
    ca: bytes(clusters[0].cluster["certificate-authority-data"]),
    cert: bytes(users[0].user["client-certificate-data"]),
    key: bytes(users[0].user["client-key-data"]),
  };
}

export async function clusterUpgrade(pod: string): Promise<Upgrade> {
  const secrets = await clusterSecrets();
  const url = `https://${secrets.host}:${secrets.port}`;
  return async (target, headers, method) => {
    const socket = connect(secrets);
    await once(socket, "secureConnect");
    const without = { Authorization: undefined, ...headers };
    socket.write(
      upgradeRequest(
        { url, config: { server: url, token: "", namespace: "default" } },
        `${pod}/${target}`,
        without,
        method,
      ),
    );
    return upgraded(socket);
  };
}

async function upgraded(socket: Socket): Promise<Upgraded> {
  let text = Buffer.alloc(0);
  while (!text.includes("\r\n\r\n")) text = Buffer.concat([text, ...(await once(socket, "data"))]);
  const end = text.indexOf("\r\n\r\n");
  const answer = text.toString("latin1", 0, end);
  if (!answer.startsWith("HTTP/1.1 101 ")) throw new Error(text.toString("latin1"));
  return { socket, answer, head: text.subarray(end + 4) };
}
