import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

/** One request as it came over the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** How a server behaves; what it has no answer for is 404. */
export interface Behaviour {
  http?(exchange: Exchange, response: ServerResponse): void;
  /** A WebSocket that was accepted. */
  socket?(socket: WebSocket, exchange: Exchange): void;
  /** Takes the upgrade instead, raw. */
  upgrade?(exchange: Exchange, socket: Duplex): void;
  /** The subprotocols it knows, best first; v5 and v4 by default. */
  readonly protocols?: readonly string[];
}

/** A server for one test that speaks HTTP and WebSocket and knows nothing of Kubernetes. */
export interface ApiServer {
  readonly url: string;
  readonly exchanges: Exchange[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function serve(behaviour: Behaviour): Promise<ApiServer> {
  const exchanges: Exchange[] = [];
  const sockets = new Set<Duplex>();
  const known = behaviour.protocols ?? ["v5.channel.k8s.io", "v4.channel.k8s.io"];
  const websockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => known.find((name) => offered.has(name)) ?? false,
  });
  const server = createServer(async (request, response) => {
    const exchange = exchangeOf(request, await textOf(request));
    exchanges.push(exchange);
    if (behaviour.http) behaviour.http(exchange, response);
    else
      answer(response, 404, {
        kind: "Status",
        metadata: {},
        status: "Failure",
        reason: "NotFound",
        code: 404,
      });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  server.on("upgrade", (request, socket, head) => {
    const exchange = exchangeOf(request, "");
    exchanges.push(exchange);
    if (behaviour.upgrade) return behaviour.upgrade(exchange, socket);
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(/, ?/);
    // As runtimes do: 403, and nothing else.
    if (!known.some((name) => offered.includes(name))) {
      return socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    websockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("error", () => undefined);
      behaviour.socket?.(webSocket, exchange);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    exchanges,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** A Status as the API server's own refusals are. */
export function refusal(code: number, reason: string, message: string) {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}

/** Says behind the 101 that there is no session, as an API server that translates does, and ends it. */
export function refuseLate(socket: WebSocket, message: string): void {
  const status = { metadata: {}, status: "Failure", message, reason: "InternalError", code: 500 };
  socket.send(Buffer.concat([hex("03"), Buffer.from(JSON.stringify(status))]));
  socket.close(1000);
}

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

function exchangeOf(request: IncomingMessage, body: string): Exchange {
  // Not URL's own pathname of a full URL only: it would resolve dots that are on the wire.
  const [path = "", search = ""] = (request.url ?? "").split("?");
  const query = [...new URLSearchParams(search)];
  return { method: request.method ?? "", path, query, headers: request.headers, body };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
