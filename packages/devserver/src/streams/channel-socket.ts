import { runtimeRules } from "../websocket/rules.ts";
import { openWebSocket, type WebSocket } from "../websocket/web-socket.ts";
import {
  type ChannelHandlers,
  type Channels,
  errorChannel,
  piecesOf,
  resizeChannel,
  stderr,
  stdin,
  stdout,
} from "./channels.ts";
import { statusJson, statusText } from "./session-status.ts";
import { createSizeReader } from "./size-reader.ts";
import type { Subprotocol } from "./subprotocol.ts";
import type { Upgraded } from "./upgraded.ts";

const closeSignal = 255;

/** A session as messages of one WebSocket, a channel before every payload. Says with the first that it is open. */
export function createChannelSocket(
  { socket, head }: Upgraded,
  { encoding, version, author }: Subprotocol,
  asked: { readonly stdout: boolean; readonly stderr: boolean },
  handlers: ChannelHandlers,
): Channels {
  const readSize = createSizeReader();

  const receive = (message: Buffer): void => {
    const decoded = encoding.decode(message);
    if (!decoded) return;
    const { channel, payload } = decoded;
    if (channel === stdin) handlers.stdin(payload);
    else if (channel === resizeChannel)
      for (const [width, height] of readSize(payload)) handlers.resize(width, height);
    else if (channel === closeSignal && version === 5) {
      // Malformed, it ends the whole connection; for another channel than stdin it means nothing.
      if (message.byteLength !== 2 || (message[1] ?? closeSignal) > resizeChannel) webSocket.close();
      else if (message[1] === stdin) handlers.stdinEnd();
    }
  };
  const webSocket: WebSocket = openWebSocket(socket, head, runtimeRules, {
    message: receive,
    drain: handlers.drain,
    gone: handlers.gone,
  });
  const send = (channel: number, payload: Uint8Array): boolean =>
    webSocket.send(encoding.kind, ...encoding.encode(channel, payload));

  // Empty, on the lowest channel that the server writes.
  send(asked.stdout ? stdout : asked.stderr ? stderr : errorChannel, new Uint8Array(0));

  return {
    absentStdinEnds: version < 5,
    send(channel, bytes) {
      let room = true;
      for (const piece of piecesOf(bytes)) room = send(channel, piece);
      return room;
    },
    finish(end) {
      const status = version === 1 ? statusText(end) : statusJson(end, author);
      if (status !== undefined) send(errorChannel, Buffer.from(status));
      webSocket.close();
    },
    pause: webSocket.pause,
    resume: webSocket.resume,
  };
}
