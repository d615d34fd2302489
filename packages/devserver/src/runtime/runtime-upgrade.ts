import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../access.ts";
import { HandshakeRefusal } from "../handshake-refusal.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import { refusalOf } from "../rest/handler.ts";
import { negotiateProtocol } from "../spdy/handshake.ts";
import { textRefusal } from "../status.ts";
import { lateRefusal } from "../streams/late-refusal.ts";
import { runtimePortUpgrade } from "../streams/port-upgrade.ts";
import { sessionUpgrade } from "../streams/session-upgrade.ts";
import { spdyProtocols } from "../streams/spdy-channels.ts";
import { sessionSubprotocolOf } from "../streams/subprotocol.ts";
import type { BeginSession, Serve } from "../streams/upgraded.ts";
import { isWebSocketRequest } from "../websocket/handshake.ts";
import type { Ticket, Tickets } from "./tickets.ts";

/** How a request with a ticket is answered; throws the refusal of a handshake that is none. */
export function runtimeUpgrade(
  request: IncomingMessage,
  ticket: Ticket,
  kubelet: Kubelet,
  record: BeginSession,
): Serve {
  const { verb, pod } = ticket;
  if (verb === "portforward") return runtimePortUpgrade(request, pod, ticket.ports, record);
  const container = kubelet.running(pod, ticket.container);
  if (container) {
    const asked = { ...ticket, verb, container, endsWhenCut: true };
    return sessionUpgrade(request, asked, "runtime", record);
  }
  // It has ended since it was asked for.
  const subprotocol = isWebSocketRequest(request) ? sessionSubprotocolOf(request, "runtime") : undefined;
  if (!subprotocol) throw new HandshakeRefusal(403);
  const doing = verb === "attach" ? "attaching to container" : "executing command in container";
  return lateRefusal(request, subprotocol, ticket, `error ${doing}: container is in CONTAINER_EXITED state`);
}

/** Answers a request that asks for no upgrade: none of them is of use. */
export function answerRuntime(
  request: IncomingMessage,
  response: ServerResponse,
  access: Access,
  tickets: Tickets,
): void {
  try {
    const refused = access.checkPlace(request);
    if (refused) throw refused;
    if (request.method !== "GET" && request.method !== "POST") {
      response.setHeader("allow", "GET, POST");
      throw textRefusal(405, "405: Method Not Allowed");
    }
    tickets.redeem(request);
    negotiateProtocol(request, spdyProtocols);
  } catch (error) {
    const { code, body } = error instanceof HandshakeRefusal ? error : refusalOf(error);
    const headers = {
      "content-type": "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(body),
    };
    response.writeHead(code, headers).end(body);
  }
}
