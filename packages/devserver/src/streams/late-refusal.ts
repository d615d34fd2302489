import type { IncomingMessage } from "node:http";
import { acceptHandshake, checkHandshake } from "../websocket/handshake.ts";
import { createChannelSocket } from "./channel-socket.ts";
import type { Subprotocol } from "./subprotocol.ts";
import type { Serve } from "./upgraded.ts";

/** Says behind the 101, as its last word, why there is no session. */
export function lateRefusal(
  request: IncomingMessage,
  subprotocol: Subprotocol,
  asked: { readonly stdout: boolean; readonly stderr: boolean },
  why: string,
): Serve {
  const key = checkHandshake(request);
  const nothing = (): undefined => undefined;
  const handlers = { stdin: nothing, stdinEnd: nothing, resize: nothing, drain: nothing, gone: nothing };
  return (connection) => {
    acceptHandshake(connection.socket, key, subprotocol.name);
    const channels = createChannelSocket(connection, subprotocol, asked, handlers);
    channels.finish({ kind: "refused", why });
  };
}
