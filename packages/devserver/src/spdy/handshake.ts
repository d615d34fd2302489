import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { HandshakeRefusal } from "../handshake-refusal.ts";

const protocolHeader = "X-Stream-Protocol-Version";
const acceptedHeader = "X-Accepted-Stream-Protocol-Versions";

/** The first protocol of the client's list that is known; throws the refusal where there is none. */
export function negotiateProtocol(request: IncomingMessage, known: readonly string[]): string {
  const { headers, headersDistinct } = request;
  const lines = headersDistinct[protocolHeader.toLowerCase()];
  if (!lines) {
    // Go does not count the host.
    const count = Object.keys(headers).length - 1;
    throw refusal(400, `header ${protocolHeader} does not exist in request with ${count} headers`);
  }
  const offered = lines.flatMap((line) => line.split(",").map((name) => name.trim()));
  const chosen = chooseProtocol(offered, known);
  if (!headers.upgrade?.toLowerCase().includes("spdy/3.1")) {
    throw refusal(400, `missing upgrade headers in request: Upgrade is ${JSON.stringify(headers.upgrade)}`);
  }
  return chosen;
}

export function chooseProtocol(offered: readonly string[], known: readonly string[]): string {
  const chosen = offered.find((name) => known.includes(name));
  if (chosen !== undefined) return chosen;
  const why = `client supports [${offered.join(" ")}], server accepts [${known.join(" ")}]`;
  const accepted = known.map((name) => `${acceptedHeader}: ${name}`);
  throw refusal(403, `unable to negotiate protocol: ${why}`, accepted);
}

export function acceptHandshake(socket: Duplex, protocol: string): void {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Connection: Upgrade",
    "Upgrade: SPDY/3.1",
    `${protocolHeader}: ${protocol}`,
    `Date: ${new Date().toUTCString()}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}

function refusal(code: number, why: string, headers: readonly string[] = []): HandshakeRefusal {
  const body = `unable to upgrade: ${why}\n`;
  return new HandshakeRefusal(code, body, [
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Content-Type: text/plain; charset=utf-8",
    ...headers,
    "X-Content-Type-Options: nosniff",
  ]);
}
