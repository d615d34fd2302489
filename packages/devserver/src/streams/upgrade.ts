import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Access } from "../access.ts";
import type { Gate } from "../faults/gate.ts";
import { HandshakeRefusal } from "../handshake-refusal.ts";
import type { Quota } from "../limits.ts";
import type { Traits } from "../personality.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import { requestInfoOf } from "../request-info.ts";
import { refusalOf } from "../rest/handler.ts";
import type { Pods } from "../rest/pods.ts";
import { routeOf, targetOf } from "../rest/routes.ts";
import { runtimeUpgrade } from "../runtime/runtime-upgrade.ts";
import { infoOfTicket, isOfRuntime, type Ticket, type Tickets } from "../runtime/tickets.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionAsked } from "../sessions/session-recorder.ts";
import type { SessionRegistry } from "../sessions/sessions.ts";
import { badRequest, Refusal, refusal, textRefusal } from "../status.ts";
import { afterReading } from "../timers.ts";
import { isWebSocketRequest } from "../websocket/handshake.ts";
import { lateRefusal } from "./late-refusal.ts";
import { portUpgrade } from "./port-upgrade.ts";
import { portsOf } from "./ports.ts";
import { askedOf, type StreamRequest, streamRequestOf } from "./request.ts";
import { sessionUpgrade } from "./session-upgrade.ts";
import { sessionSubprotocolOf } from "./subprotocol.ts";
import type { BeginSession, Serve } from "./upgraded.ts";

const lastWordsMs = 1_000;
const connectionClose = "Connection: close";
/** What a runtime says that has as many sessions as it can have. */
const tooManySessions =
  "rpc error: code = ResourceExhausted desc = maximum number of in-flight requests exceeded";

/** Answers the requests that want to become sessions. */
export interface Upgrades {
  answer(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Lets the sessions say their last words, then drops every connection. */
  close(): Promise<void>;
}

export function createUpgrades(
  access: Access,
  pods: Pods,
  kubelet: Kubelet,
  gate: Gate,
  traits: Traits,
  sessions: SessionRegistry,
  room: Quota,
  tickets: Tickets,
): Upgrades {
  const sockets = new Set<Duplex>();
  /** Those of connections to ports, which have no last words. */
  const forwards = new Set<Duplex>();

  const recordOf =
    (request: IncomingMessage, subresource: Session["subresource"], namespace: string, pod: string) =>
    (asked: SessionAsked): BeginSession =>
    (connection, transport, protocol) => {
      const facts = { ...asked, subresource, namespace, pod, transport, protocol };
      const recorder = sessions.begin(request, facts);
      connection.socket.once("close", recorder.gone);
      return recorder;
    };
  const admitted = (socket: Duplex, serve: Serve): Serve => {
    if (room.enter(socket)) return serve;
    throw textRefusal(429, tooManySessions, 60);
  };
  const checkTicket = (request: IncomingMessage, socket: Duplex, ticket: Ticket): Serve => {
    const { verb, pod, container, command, tty } = ticket;
    const asked =
      verb === "portforward" ? noStreams : { container, command, streams: streamsOf(ticket), tty };
    const record = recordOf(request, verb, pod.metadata.namespace, pod.metadata.name);
    const serve = admitted(socket, runtimeUpgrade(request, ticket, kubelet, record(asked)));
    if (verb === "portforward") forwards.add(socket);
    return serve;
  };

  /** Throws the refusal of a request that must not be upgraded. */
  const check = (request: IncomingMessage, socket: Duplex): Serve => {
    const { pathname, searchParams: query } = targetOf(request);
    const route = routeOf(pathname);
    if (route?.kind !== "stream") throw textRefusal(404, "404 page not found\n");
    if (request.method !== "GET" && request.method !== "POST") {
      throw refusal(405, "MethodNotAllowed", "a session is a GET with an upgrade");
    }
    if (query.has("dryRun")) throw badRequest("dryRun is not supported");
    const begin = recordOf(request, route.verb, route.namespace, route.name);
    const ports = route.verb === "portforward" ? portsOf(query) : [];
    const pod = pods.read(route.namespace, route.name);
    if (route.verb === "portforward") {
      const serve = admitted(socket, portUpgrade(request, pod, ports, traits.tunnels, begin(noStreams)));
      forwards.add(socket);
      return serve;
    }
    try {
      const asked = streamRequestOf(route.verb, pod, query, kubelet);
      return admitted(
        socket,
        sessionUpgrade(request, asked, traits.translator, begin(sessionAskedOf(asked))),
      );
    } catch (error) {
      const late = traits.translator === "api-server" && isKubelets(error) && isWebSocketRequest(request);
      const subprotocol = late ? sessionSubprotocolOf(request, traits.translator) : undefined;
      if (!isKubelets(error) || subprotocol?.version !== 5) throw error;
      // An API server that translates asks the kubelet only behind its 101.
      const why = `unable to upgrade connection: ${error.body}`;
      return lateRefusal(request, subprotocol, askedOf(query), why);
    }
  };

  return {
    answer(request, socket, head) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        forwards.delete(socket);
      });
      const isStraight = isOfRuntime(request);
      try {
        const refused = isStraight ? access.checkPlace(request) : access.check(request);
        if (refused) throw refused;
        sessions.numberOf(request);
        const ticket = isStraight ? tickets.redeem(request) : undefined;
        const info = ticket ? infoOfTicket(ticket, request) : requestInfoOf(request);
        const serve = (): Serve => (ticket ? checkTicket(request, socket, ticket) : check(request, socket));
        const faulty = gate.passUpgrade(request, info, socket);
        if (!faulty) {
          serve()({ socket, head });
          return;
        }
        faulty.passed
          .then(() => serve()(faulty.wire({ socket, head })))
          .catch((error: unknown) => refuse(socket, error, isStraight));
      } catch (error) {
        refuse(socket, error, isStraight);
      }
    },
    async close() {
      for (const socket of forwards) socket.destroy();
      const cancel = afterReading(lastWordsMs, () => {
        for (const socket of sockets) socket.destroy();
      });
      await Promise.all(
        [...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))),
      );
      cancel();
    },
  };
}

const noStreams: SessionAsked = { container: undefined, command: [], streams: [], tty: false };

function sessionAskedOf(asked: StreamRequest): SessionAsked {
  const { verb, container, command, tty } = asked;
  const streams = streamsOf(asked);
  return { container: container.spec.name, command: verb === "exec" ? command : [], streams, tty };
}

function streamsOf(asked: Pick<Ticket, "stdin" | "stdout" | "stderr">): SessionAsked["streams"] {
  return (["stdin", "stdout", "stderr"] as const).filter((one) => asked[one]);
}

/** An API server says a Status, a kubelet text. */
function isKubelets(error: unknown): error is Refusal {
  return error instanceof Refusal && error.contentType !== "application/json";
}

/** An API server in front of a runtime adds a header to what it refuses. */
function refuse(socket: Duplex, error: unknown, isStraight: boolean): void {
  if (error instanceof HandshakeRefusal) {
    const { code, body, headers } = error;
    answer(socket, code, isStraight ? headers : [...headers, connectionClose], body);
  } else {
    const { code, contentType, body, retryAfterSeconds } = refusalOf(error);
    const headers = [`Content-Type: ${contentType}`, `Content-Length: ${Buffer.byteLength(body)}`];
    if (retryAfterSeconds !== undefined) headers.push(`Retry-After: ${retryAfterSeconds}`);
    answer(socket, code, [...headers, connectionClose], body);
  }
}

function answer(socket: Duplex, code: number, headers: readonly string[], body: string): void {
  const lines = [`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ""}`, ...headers, "", body];
  // Nobody reads this connection any more: the client's own end would go unnoticed.
  socket.once("finish", () => socket.destroy());
  socket.end(lines.join("\r\n"));
}
