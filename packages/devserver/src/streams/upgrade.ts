import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Access } from "../access.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import { refusalOf } from "../rest/handler.ts";
import type { Pods } from "../rest/pods.ts";
import { routeOf, targetOf } from "../rest/routes.ts";
import { badRequest, refusal, textRefusal } from "../status.ts";
import { serveAttach } from "./attach.ts";
import { serveExec } from "./exec.ts";
import { type StreamRequest, streamRequestOf } from "./request.ts";
import { subprotocolOf } from "./subprotocol.ts";

const lastWordsMs = 1_000;

/** Longest message that servers take, channel byte included. */
const messageBytes = 33_554_432;

/** Answers the requests that want to become sessions. */
export interface Upgrades {
  answer(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Lets the sessions say their last words, then drops every connection. */
  close(): Promise<void>;
}

export function createUpgrades(access: Access, pods: Pods, kubelet: Kubelet): Upgrades {
  const sockets = new Set<Duplex>();
  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: messageBytes,
    // A text message is one of bytes here.
    skipUTF8Validation: true,
    handleProtocols: (_offered, request) => subprotocolOf(request) ?? false,
  });

  /** Throws the refusal of a request that must not be upgraded. */
  const check = (request: IncomingMessage): StreamRequest => {
    const refused = access.check(request);
    if (refused) throw refused;
    const { pathname, searchParams: query } = targetOf(request);
    const route = routeOf(pathname);
    if (route?.kind !== "stream") throw textRefusal(404, "404 page not found\n");
    if (request.method !== "GET" && request.method !== "POST") {
      throw refusal(405, "MethodNotAllowed", "a session is a GET with an upgrade");
    }
    if (query.has("dryRun")) throw badRequest("dryRun is not supported");
    const pod = pods.read(route.namespace, route.name);
    const asked = streamRequestOf(route, pod, query, kubelet);
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      throw badRequest("devserver streams over WebSockets only");
    }
    if (request.method !== "GET") throw textRefusal(405, "bad method");
    if (request.headers["sec-websocket-key"] === undefined) {
      throw textRefusal(400, "mismatch challenge/response");
    }
    return asked;
  };

  return {
    answer(request, socket, head) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => sockets.delete(socket));
      let asked: StreamRequest;
      try {
        asked = check(request);
      } catch (error) {
        const { code, contentType, body } = refusalOf(error);
        refuse(
          socket,
          code,
          [`Content-Type: ${contentType}`, `Content-Length: ${Buffer.byteLength(body)}`],
          body,
        );
        return;
      }
      if (request.headers["sec-websocket-version"] !== "13") {
        refuse(socket, 400, ["Sec-WebSocket-Version: 13"], "missing or bad WebSocket Version");
        return;
      }
      if (subprotocolOf(request) === undefined) {
        // Bare, as a runtime's streaming server does it.
        refuse(socket, 403, [], "");
        return;
      }
      upgrader.handleUpgrade(request, socket, head, (accepted) => {
        if (asked.verb === "attach") serveAttach(accepted, asked);
        else serveExec(accepted, asked);
      });
    },
    async close() {
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, lastWordsMs);
      await Promise.all(
        [...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))),
      );
      clearTimeout(timer);
    },
  };
}

function refuse(socket: Duplex, code: number, headers: readonly string[], body: string): void {
  const lines = [`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ""}`, ...headers, "Connection: close", "", body];
  // Nobody reads this connection any more: the client's own end would go unnoticed.
  socket.once("finish", () => socket.destroy());
  socket.end(lines.join("\r\n"));
}
