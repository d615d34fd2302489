import type { IncomingMessage } from "node:http";
import { HandshakeRefusal } from "../handshake-refusal.ts";
import type { Traits } from "../personality.ts";
import { acceptHandshake as acceptSpdy, negotiateProtocol } from "../spdy/handshake.ts";
import { acceptHandshake, checkHandshake, isWebSocketRequest } from "../websocket/handshake.ts";
import { serveAttach } from "./attach.ts";
import { createChannelSocket } from "./channel-socket.ts";
import type { OpenChannels } from "./channels.ts";
import { serveExec } from "./exec.ts";
import type { StreamRequest } from "./request.ts";
import { openSpdySession, spdyProtocols } from "./spdy-channels.ts";
import { sessionSubprotocolOf } from "./subprotocol.ts";
import type { Serve } from "./upgraded.ts";

/** How an exec or attach is answered, over WebSocket or SPDY; throws the refusal of a handshake that is neither. */
export function sessionUpgrade(
  request: IncomingMessage,
  asked: StreamRequest,
  translator: Traits["translator"],
): Serve {
  return isWebSocketRequest(request) ? overWebSocket(request, asked, translator) : overSpdy(request, asked);
}

function overWebSocket(
  request: IncomingMessage,
  asked: StreamRequest,
  translator: Traits["translator"],
): Serve {
  const key = checkHandshake(request);
  const subprotocol = sessionSubprotocolOf(request, translator);
  if (!subprotocol) throw new HandshakeRefusal(403);
  return (connection) => {
    acceptHandshake(connection.socket, key, subprotocol.name);
    begin((handlers) => createChannelSocket(connection, subprotocol, asked, handlers), asked);
  };
}

function overSpdy(request: IncomingMessage, asked: StreamRequest): Serve {
  const protocol = negotiateProtocol(request, spdyProtocols);
  return (connection) => {
    acceptSpdy(connection.socket, protocol);
    openSpdySession(connection, protocol, asked, (open) => begin(open, asked));
  };
}

function begin(open: OpenChannels, asked: StreamRequest): void {
  if (asked.verb === "attach") serveAttach(open, asked);
  else serveExec(open, asked);
}
