import type { Socket } from "node:net";
import { Duplex } from "node:stream";

interface Message {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

/** The client's end of a tunnel, as a connection of bytes; every byte a message, or each write a message of its own. */
export interface Tunnelled {
  readonly connection: Duplex;
  /** All frames of the server. */
  readonly messages: readonly Message[];
  /** The server has ended the connection. */
  readonly ended: Promise<void>;
}

export function tunnelled(socket: Socket, head: Buffer, pieces: "byte by byte" | "whole"): Tunnelled {
  const messages: Message[] = [];
  let received = Buffer.alloc(0);
  const connection = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      const parts = pieces === "whole" ? [chunk] : [...chunk].map((byte) => Buffer.of(byte));
      // Empty messages mean nothing, and a fragment is as good as a message.
      const frames = parts.flatMap((part, index) => [
        clientFrame(0x82, Buffer.alloc(0)),
        ...(index % 2 === 0
          ? [clientFrame(0x82, part)]
          : [clientFrame(0x02, part), clientFrame(0x80, part.subarray(1))]),
      ]);
      socket.write(Buffer.concat(frames), done);
    },
    final: (done) => socket.end(done),
  });
  const read = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const { 0: first = 0, 1: second = 0 } = received;
      const extra = second === 126 ? 2 : second === 127 ? 8 : 0;
      if (received.byteLength < 2 + extra) return;
      const length = extra === 0 ? second : Number(BigInt(`0x${received.toString("hex", 2, 2 + extra)}`));
      const end = 2 + extra + length;
      if (received.byteLength < end) return;
      const payload = received.subarray(2 + extra, end);
      received = received.subarray(end);
      messages.push({ opcode: first & 15, fin: first >= 0x80, payload });
      if ((first & 15) === 2) connection.push(payload);
    }
  };
  const ended = new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
  void ended.then(() => connection.push(null));
  socket.on("data", read);
  socket.on("error", () => undefined);
  read(head);
  return { connection, messages, ended };
}

function clientFrame(first: number, payload: Buffer): Buffer {
  const { byteLength } = payload;
  const length = byteLength < 126 ? [0x80 | byteLength] : [0xfe, byteLength >>> 8, byteLength & 0xff];
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), payload]);
}
