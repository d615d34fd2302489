import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { HttpGet } from "./action.ts";
import { dialLoopback, portNumberOf } from "./loopback.ts";
import type { ContainerSpec } from "./pod.ts";

interface HttpReply {
  readonly status: number;
  readonly location: string | undefined;
}

const mostRedirects = 10;
/** A kubelet looks at no more of an answer. */
const longestBytes = 10_240;

/**
 * Asks a port of this machine's loopback, as a kubelet asks a Pod, and answers with the status, behind redirections to
 * the same host. Whoever serves https may have any certificate. Rejects in Go's words.
 */
export async function getHttp(
  { port, path, scheme, httpHeaders = [] }: HttpGet,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<number> {
  const number = portNumberOf(port, spec);
  const first = new URL(`${scheme.toLowerCase()}://127.0.0.1:${number}`);
  let url =
    URL.canParse(path, first) && path.startsWith("/") ? new URL(path, first) : new URL(`/${path}`, first);
  const headers: Record<string, string> = { "user-agent": "kube-probe/1.36", accept: "*/*" };
  for (const { name, value } of httpHeaders) headers[name.toLowerCase()] = value;
  for (let count = 0; count < mostRedirects; count++) {
    try {
      const { status, location } = await ask(url, headers, signal);
      const next = location !== undefined && URL.canParse(location, url) ? new URL(location, url) : undefined;
      const isRedirect = status >= 300 && status < 400 && status !== 304;
      // One that leads elsewhere is an answer.
      if (!isRedirect || !next || next.hostname !== url.hostname) return status;
      url = next;
    } catch (error) {
      throw new Error(`Get ${JSON.stringify(url.href)}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(`Get ${JSON.stringify(url.href)}: stopped after ${mostRedirects} redirects`);
}

async function ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<HttpReply> {
  const isTls = url.protocol === "https:";
  const port = Number(url.port) || (isTls ? 443 : 80);
  const plain = await dialLoopback(port, signal);
  const options: ConnectionOptions = {
    socket: plain,
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1"],
  };
  const socket = isTls ? connectTls(options) : plain;
  try {
    return await new Promise((resolve, reject) => {
      const late = new Error("context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
      signal.addEventListener("abort", () => reject(late), { once: true });
      if (signal.aborted) reject(late);
      const request = isTls ? requestHttps : requestHttp;
      const sent = request(url, {
        headers: { connection: "close", ...headers },
        createConnection: () => socket,
      });
      sent.on("error", (error) => reject(error.message === "socket hang up" ? new Error("EOF") : error));
      sent.on("response", (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        const done = (): void => resolve({ status, location: answered.location });
        let left = longestBytes;
        response.on("data", (bytes: Uint8Array) => {
          left -= bytes.byteLength;
          if (left <= 0) done();
        });
        response.once("close", done);
      });
      sent.end();
    });
  } finally {
    socket.destroy();
    plain.destroy();
  }
}
