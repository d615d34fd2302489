import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ExchangeTarget } from "./suite.ts";

/** Asks for a WebSocket as bytes; answers with the connection, and with what came behind the 101 already. */
export async function openConnection(
  target: ExchangeTarget,
  pathAndQuery: string,
  protocol: string,
): Promise<{ readonly socket: Socket; readonly head: Buffer }> {
  const { server, pod, namespace = "default", headers = {}, ca, cert, key } = target;
  const url = new URL(server);
  const secure = url.protocol === "https:";
  const address = { host: url.hostname, port: Number(url.port) || (secure ? 443 : 80) };
  const secrets = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  const socket = secure ? connectTls({ ...address, ...secrets }) : connectPlain(address);
  await once(socket, secure ? "secureConnect" : "connect");
  const path = `${url.pathname.replace(/\/$/, "")}/api/v1/namespaces/${namespace}/pods/${pod}/${pathAndQuery}`;
  const all = {
    Host: url.host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": protocol,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write([`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  let answer = Buffer.alloc(0);
  while (!answer.includes("\r\n\r\n")) answer = Buffer.concat([answer, ...(await once(socket, "data"))]);
  const end = answer.indexOf("\r\n\r\n");
  const head = answer.toString("latin1", 0, end);
  if (head.startsWith("HTTP/1.1 101 ")) return { socket, head: answer.subarray(end + 4) };
  socket.destroy();
  throw new Error(`the server answered ${JSON.stringify(head.split("\r\n")[0])}, and not with 101`);
}
