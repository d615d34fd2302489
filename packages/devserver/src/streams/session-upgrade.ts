import type { IncomingMessage } from "node:http";
import { HandshakeRefusal } from "../handshake-refusal.ts";
import { recordChannels } from "../sessions/recorded-channels.ts";
import { acceptHandshake as acceptSpdy, negotiateProtocol } from "../spdy/handshake.ts";
import { acceptHandshake, checkHandshake, isWebSocketRequest } from "../websocket/handshake.ts";
import { serveAttach } from "./attach.ts";
import { createChannelSocket } from "./channel-socket.ts";
import type { OpenChannels } from "./channels.ts";
import { serveExec } from "./exec.ts";
import type { StreamRequest } from "./request.ts";
import { openSpdySession, spdyProtocols } from "./spdy-channels.ts";
import { runtimeOf, type Speaker, sessionSubprotocolOf } from "./subprotocol.ts";
import type { BeginSession, Serve } from "./upgraded.ts";

/** How an exec or attach is answered, over WebSocket or SPDY; throws the refusal of a handshake that is neither. */
export function sessionUpgrade(
  request: IncomingMessage,
  asked: StreamRequest,
  speaker: Speaker,
  record: BeginSession,
): Serve {
  return isWebSocketRequest(request)
    ? overWebSocket(request, asked, speaker, record)
    : overSpdy(request, asked, speaker, record);
}

function overWebSocket(
  request: IncomingMessage,
  asked: StreamRequest,
  speaker: Speaker,
  record: BeginSession,
): Serve {
  const key = checkHandshake(request);
  const subprotocol = sessionSubprotocolOf(request, speaker);
  if (!subprotocol) throw new HandshakeRefusal(403);
  return (connection) => {
    acceptHandshake(connection.socket, key, subprotocol.name);
    const recorder = record(connection, "websocket", subprotocol.name);
    const open: OpenChannels = (handlers) => createChannelSocket(connection, subprotocol, asked, handlers);
    begin(recordChannels(open, recorder), asked);
  };
}

function overSpdy(
  request: IncomingMessage,
  asked: StreamRequest,
  speaker: Speaker,
  record: BeginSession,
): Serve {
  const author = runtimeOf(speaker);
  const protocol = negotiateProtocol(request, spdyProtocols);
  return (connection) => {
    acceptSpdy(connection.socket, protocol);
    const recorder = record(connection, "spdy", protocol);
    openSpdySession(connection, protocol, asked, author, (open) =>
      begin(recordChannels(open, recorder), asked),
    );
  };
}

function begin(open: OpenChannels, asked: StreamRequest): void {
  if (asked.verb === "attach") serveAttach(open, asked);
  else serveExec(open, asked);
}
