import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { HandshakeRefusal } from "../handshake-refusal.ts";

/** RFC 6455, 1.3. */
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export function isWebSocketRequest({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

/** Throws the refusal of a handshake that is not one, in the words of real servers; answers with its key. */
export function checkHandshake({ method, headers, headersDistinct }: IncomingMessage): string {
  if (method !== "GET") throw new HandshakeRefusal(405, "bad method");
  // An API server looks at all lines of Connection, the library of the runtimes at the first one.
  const [connection = ""] = headersDistinct["connection"] ?? [];
  if (!connection.toLowerCase().includes("upgrade")) {
    throw new HandshakeRefusal(400, "not websocket protocol");
  }
  const { "sec-websocket-key": key, "sec-websocket-version": version } = headers;
  if (key === undefined) throw new HandshakeRefusal(400, "mismatch challenge/response");
  if (version !== "13") {
    throw new HandshakeRefusal(400, "missing or bad WebSocket Version", ["Sec-WebSocket-Version: 13"]);
  }
  return key;
}

/** Answers with the four headers of an API server, and no others; without a subprotocol the last one is empty. */
export function acceptHandshake(socket: Duplex, key: string, subprotocol: string): void {
  const accept = createHash("sha1")
    .update(key + acceptSuffix)
    .digest("base64");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${subprotocol}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}
