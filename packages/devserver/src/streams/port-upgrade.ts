import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { HandshakeRefusal } from "../handshake-refusal.ts";
import { checkNode } from "../pods/node-name.ts";
import type { Pod } from "../pods/pod.ts";
import { acceptHandshake as acceptSpdy, chooseProtocol, negotiateProtocol } from "../spdy/handshake.ts";
import { textRefusal } from "../status.ts";
import { acceptHandshake, checkHandshake, isWebSocketRequest } from "../websocket/handshake.ts";
import { openTunnel } from "../websocket/tunnel.ts";
import { servePortSocket } from "./port-socket.ts";
import { portProtocol, servePortStreams } from "./port-streams.ts";
import { checkPorts } from "./ports.ts";
import { portSubprotocolOf, tunnelOffersOf, tunnelPrefix } from "./subprotocol.ts";
import type { BeginSession, Serve } from "./upgraded.ts";

/** How a port-forward is answered: over SPDY, SPDY in a tunnel of WebSocket, or channels of WebSocket. */
export function portUpgrade(
  request: IncomingMessage,
  pod: Pod,
  ports: readonly number[],
  knowsTunnels: boolean,
  record: BeginSession,
): Serve {
  const { name, namespace } = pod.metadata;
  checkNode(pod);
  const tunnels = knowsTunnels ? tunnelOffersOf(request) : [];
  const overChannels = isWebSocketRequest(request) && tunnels.length === 0;
  if (overChannels) checkPorts(ports);
  if (pod.status.phase === "Succeeded" || pod.status.phase === "Failed") {
    throw textRefusal(500, `pod not found (${JSON.stringify(`${name}_${namespace}`)})`);
  }
  const sandbox = sandboxOf(pod);
  if (overChannels) return throughChannels(request, ports, sandbox, record);
  return tunnels.length > 0
    ? throughTunnel(request, tunnels, sandbox, record)
    : throughSpdy(request, sandbox, record);
}

/** How a runtime itself answers it: it knows no tunnels, and takes no ports for none to wait for. */
export function runtimePortUpgrade(
  request: IncomingMessage,
  pod: Pod,
  ports: readonly number[],
  record: BeginSession,
): Serve {
  const sandbox = sandboxOf(pod);
  return isWebSocketRequest(request)
    ? throughChannels(request, ports, sandbox, record)
    : throughSpdy(request, sandbox, record);
}

/** A runtime has a name of its own for what the Pod's containers have in common. */
function sandboxOf({ metadata: { uid } }: Pod): string {
  return createHash("sha256").update(uid).digest("hex");
}

function throughChannels(
  request: IncomingMessage,
  ports: readonly number[],
  sandbox: string,
  record: BeginSession,
): Serve {
  const key = checkHandshake(request);
  const subprotocol = portSubprotocolOf(request);
  if (!subprotocol) throw new HandshakeRefusal(403);
  return (connection) => {
    acceptHandshake(connection.socket, key, subprotocol.name);
    servePortSocket(
      connection,
      subprotocol,
      ports,
      sandbox,
      record(connection, "websocket", subprotocol.name),
    );
  };
}

function throughTunnel(
  request: IncomingMessage,
  offered: readonly string[],
  sandbox: string,
  record: BeginSession,
): Serve {
  const protocol = chooseProtocol(offered, [portProtocol]);
  const key = checkHandshake(request);
  return (connection) => {
    const { socket, head } = connection;
    acceptHandshake(socket, key, tunnelPrefix + protocol);
    const recorder = record(connection, "tunnel", tunnelPrefix + protocol);
    servePortStreams({ socket: openTunnel(socket, head), head: Buffer.alloc(0) }, sandbox, recorder);
  };
}

function throughSpdy(request: IncomingMessage, sandbox: string, record: BeginSession): Serve {
  const protocol = negotiateProtocol(request, [portProtocol]);
  return (connection) => {
    acceptSpdy(connection.socket, protocol);
    servePortStreams(connection, sandbox, record(connection, "spdy", protocol));
  };
}
