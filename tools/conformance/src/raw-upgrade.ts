import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The constant of RFC 6455 1.3. */
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A 101 answer written by hand, correct but for what `fields` says otherwise; undefined leaves a field out. */
export function upgradeAnswer(
  request: IncomingMessage,
  fields: Readonly<Record<string, string | undefined>> = {},
): Buffer {
  const key = request.headers["sec-websocket-key"] ?? "";
  const all: Record<string, string | undefined> = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": createHash("sha1")
      .update(key + guid)
      .digest("base64"),
    "Sec-WebSocket-Protocol": offeredBy(request)[0],
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}\r\n`,
  );
  return Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
}

/** The subprotocols of a request, in its order. */
export function offeredBy(request: IncomingMessage): string[] {
  const list = request.headers["sec-websocket-protocol"] ?? "";
  return list === "" ? [] : list.split(",").map((name) => name.trim());
}
