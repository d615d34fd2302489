import type { Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { CutBy } from "./fault.ts";

/** Cuts a connection of a server. */
export type Cut = (connection: Duplex, by: CutBy) => void;

/** By silence it is left as it is: whoever writes to it has to be quiet. */
export function createCut(server: Server): Cut {
  /** Only they can be reset: one of TLS does not show the one of TCP that it lies upon. */
  const sockets = new Map<number | undefined, Socket>();
  server.on("connection", (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.once("close", () => {
      if (sockets.get(remotePort) === socket) sockets.delete(remotePort);
    });
  });
  return (connection, by) => {
    if (by === "fin") connection.end();
    if (by !== "rst") return;
    const socket = connection instanceof TLSSocket ? sockets.get(connection.remotePort) : connection;
    if (socket instanceof Socket) socket.resetAndDestroy();
    else connection.destroy();
  };
}
