import { Duplex } from "node:stream";
import { createStrictRules } from "./rules.ts";
import { openWebSocket, type WebSocket } from "./web-socket.ts";

/** A WebSocket as a connection of bytes: the borders of its messages mean nothing. Its end is Close 1000. */
export function openTunnel(socket: Duplex, head: Buffer): Duplex {
  let waiting: (() => void) | undefined;
  const go = (): void => {
    waiting?.();
    waiting = undefined;
  };
  const tunnel = new Duplex({
    read: () => webSocket.resume(),
    write(chunk: Buffer, _encoding, done) {
      if (webSocket.send("binary", chunk)) done();
      else waiting = done;
    },
    final(done) {
      webSocket.close();
      done();
    },
    destroy(error, done) {
      webSocket.close();
      done(error);
    },
  });
  const webSocket: WebSocket = openWebSocket(socket, head, createStrictRules(), {
    message(payload, kind) {
      if (kind === "text") webSocket.close();
      else if (payload.byteLength > 0 && !tunnel.push(payload)) webSocket.pause();
    },
    drain: go,
    gone() {
      go();
      tunnel.push(null);
    },
  });
  return tunnel;
}
