import { createHash } from "node:crypto";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Exchange } from "../api-server.ts";

/** The constant of RFC 6455 1.3. */
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The 101 for an upgrade, written by hand; what follows it on the socket is the test's own. */
export function switching({ headers }: Exchange, protocol: string): Buffer {
  const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${guid}`).digest("base64");
  return Buffer.from(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  );
}

/** One frame that a client sent, unmasked. */
export interface ClientFrame {
  readonly opcode: "message" | "close" | "ping" | "pong";
  readonly payload: Buffer;
}

const opcodes: Readonly<Record<number, ClientFrame["opcode"]>> = {
  2: "message",
  8: "close",
  9: "ping",
  10: "pong",
};

/** Reads a client's frames off the socket; what it sends is never fragmented and always masked. */
export function readFrames(socket: Duplex, listener: (frame: ClientFrame) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let end = frameEnd(bytes); end <= bytes.length; end = frameEnd(bytes)) {
      listener(frameOf(bytes.subarray(0, end)));
      bytes = bytes.subarray(end);
    }
  });
}

function headLength(bytes: Buffer): number {
  const length = (bytes[1] ?? 0) & 0x7f;
  return 6 + (length === 126 ? 2 : length === 127 ? 8 : 0);
}

/** Where the first frame ends; beyond the bytes while it is not whole. */
function frameEnd(bytes: Buffer): number {
  const head = headLength(bytes);
  if (bytes.length < head) return Number.POSITIVE_INFINITY;
  const length = (bytes[1] ?? 0) & 0x7f;
  if (length < 126) return head + length;
  return head + (length === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)));
}

function frameOf(bytes: Buffer): ClientFrame {
  const opcode = opcodes[(bytes[0] ?? 0) & 0x0f];
  if (!opcode) throw new Error(`the client sent an unknown frame ${bytes.toString("hex")}`);
  const head = headLength(bytes);
  const mask = bytes.subarray(head - 4, head);
  return {
    opcode,
    payload: Buffer.from(bytes.subarray(head).map((byte, index) => byte ^ (mask[index % 4] ?? 0))),
  };
}

/** Node types an upgraded socket as any stream; over HTTP it is always TCP's. */
export function socketOf(duplex: Duplex): Socket {
  if (duplex instanceof Socket) return duplex;
  throw new Error("the upgraded stream is no TCP socket");
}
