import type { Duplex } from "node:stream";
import { constants, createDeflate } from "node:zlib";
import { dictionary } from "../src/spdy/dictionary.ts";

/** A frame of the server, in hex: its first four bytes tell what it is. */
export interface SpdyFrame {
  /** `syn-reply 1`, `data 3 fin`, `reset 1 5`, `ping 1`, `goaway 3`: what, of which stream, and how. */
  readonly what: string;
  readonly payload: Buffer;
}

/** A client of SPDY/3.1 that sends what it is told, frame by frame, and keeps all that comes. */
export interface SpdyClient {
  readonly frames: readonly SpdyFrame[];
  readonly ended: boolean;
  /** The number of the next stream. */
  nextId: number;
  /** Opens a stream and answers with its number. */
  open(headers: Readonly<Record<string, string>>): Promise<number>;
  data(streamId: number, bytes: string | Uint8Array, fin?: boolean): void;
  /** Sends a frame as it is, in hex. */
  send(hex: string): void;
  /** What has come on a stream so far. */
  text(streamId: number): string;
  until(condition: () => boolean): Promise<void>;
}

export function createSpdyClient(connection: Duplex, head: Buffer = Buffer.alloc(0)): SpdyClient {
  const frames: SpdyFrame[] = [];
  const waiting = new Set<() => void>();
  let received = Buffer.alloc(0);
  let ended = false;
  const deflate = createDeflate({ dictionary });
  let compressed: Buffer[] = [];
  deflate.on("data", (chunk) => compressed.push(chunk));

  const look = (): void => {
    for (const one of [...waiting]) one();
  };
  const read = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    while (received.byteLength >= 8) {
      const end = 8 + received.readUIntBE(5, 3);
      if (received.byteLength < end) break;
      frames.push(frameOf(received.subarray(0, end)));
      received = received.subarray(end);
    }
    look();
  };
  const finish = (): void => {
    ended = true;
    look();
  };
  connection.on("data", read);
  connection.on("error", () => undefined);
  connection.once("end", finish);
  connection.once("close", finish);
  read(head);

  const client: SpdyClient = {
    frames,
    nextId: 1,
    get ended() {
      return ended;
    },
    async open(headers) {
      const id = client.nextId;
      client.nextId += 2;
      compressed = [];
      deflate.write(headerBlock(headers));
      await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
      const block = Buffer.concat(compressed);
      const frame = Buffer.alloc(18);
      frame.write("80030001", "hex");
      frame.writeUIntBE(10 + block.byteLength, 5, 3);
      frame.writeUInt32BE(id, 8);
      connection.write(Buffer.concat([frame, block]));
      return id;
    },
    data(streamId, bytes, fin = false) {
      const payload = Buffer.from(bytes);
      const frame = Buffer.alloc(8);
      frame.writeUInt32BE(streamId);
      frame[4] = fin ? 1 : 0;
      frame.writeUIntBE(payload.byteLength, 5, 3);
      connection.write(Buffer.concat([frame, payload]));
    },
    send: (hex) => connection.write(Buffer.from(hex.replaceAll(" ", ""), "hex")),
    text: (streamId) =>
      Buffer.concat(
        frames.filter(({ what }) => what.startsWith(`data ${streamId}`)).map(({ payload }) => payload),
      ).toString(),
    until(condition) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(), 10_000);
        const settle = (): void => {
          clearTimeout(timer);
          waiting.delete(check);
          if (condition()) resolve();
          else reject(new Error(`${ended ? "ended" : "nothing more came"} after ${describe(frames)}`));
        };
        const check = (): void => {
          if (condition() || ended) settle();
        };
        waiting.add(check);
        check();
      });
    },
  };
  return client;
}

/** The frames in short, to be compared. */
export function describe(frames: readonly SpdyFrame[]): string {
  return frames
    .map(({ what, payload }) => (payload.byteLength > 0 ? `${what}: ${payload.toString("latin1")}` : what))
    .join("\n");
}

function frameOf(bytes: Buffer): SpdyFrame {
  const payload = bytes.subarray(8);
  const first = bytes.readUInt32BE();
  const flags = bytes[4] ?? 0;
  if (first < 0x8000_0000) return { what: `data ${first}${flags === 1 ? " fin" : ""}`, payload };
  const none = Buffer.alloc(0);
  switch (first & 0xffff) {
    case 2:
      return { what: `syn-reply ${payload.readUInt32BE()}`, payload: none };
    case 3:
      return { what: `reset ${payload.readUInt32BE()} ${payload.readUInt32BE(4)}`, payload: none };
    case 6:
      return { what: `ping ${payload.readUInt32BE()}`, payload: none };
    case 7:
      return { what: `goaway ${payload.readUInt32BE()} ${payload.readUInt32BE(4)}`, payload: none };
    default:
      return { what: bytes.toString("hex", 0, 8), payload };
  }
}

function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(headers);
  const parts = [uint32(entries.length)];
  for (const text of entries.flat()) parts.push(uint32(text.length), Buffer.from(text, "latin1"));
  return Buffer.concat(parts);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
