import type { RawData, WebSocket } from "ws";
import { base64Encoding, binaryEncoding } from "./encoding.ts";
import { v4Base64, v5 } from "./subprotocol.ts";

/** The server's side of one session: frames by hand, a channel before every payload. */
export interface ChannelSocket {
  /** Sends output in messages of at most 32 KiB; false when the peer has much to read already. */
  send(channel: OutputChannel, bytes: Uint8Array): boolean;
  /** Sends the final status and closes; nothing can follow. */
  finish(status: string): void;
  /** Closes without a status. */
  close(): void;
  pause(): void;
  resume(): void;
}

export const stdout = 1;
export const stderr = 2;
const errorChannel = 3;
const resizeChannel = 4;
const closeSignal = 255;
export type OutputChannel = typeof stdout | typeof stderr;

/** What a session does with what the client sends. */
export interface ChannelHandlers {
  stdin(bytes: Uint8Array): void;
  stdinEnd(): void;
  resize(width: number, height: number): void;
  /** There is room again after a `send` that answered false. */
  drain(): void;
  /** The connection has ended, whoever ended it. */
  gone(): void;
}

const payloadBytes = 32_768;
const highMarkBytes = 1_048_576;
const closeWithinMs = 2_000;

/** Takes over a socket that has just been opened, and says so with the opening message. */
export function createChannelSocket(
  socket: WebSocket,
  asked: { readonly stdout: boolean; readonly stderr: boolean },
  handlers: ChannelHandlers,
): ChannelSocket {
  // Only v5 can close a channel.
  const halfClose = socket.protocol === v5;
  const encoding = socket.protocol === v4Base64 ? base64Encoding : binaryEncoding;
  let over = false;
  let blocked = false;
  let unsent = 0;
  let hangUpTimer: NodeJS.Timeout | undefined;
  const readSize = createSizeReader();

  const hangUp = (): void => {
    socket.close(1000);
    hangUpTimer ??= setTimeout(() => socket.terminate(), closeWithinMs);
  };
  const sent = (error?: Error | null): void => {
    unsent -= 1;
    if (error) return;
    // However slowly the client reads: its time to answer begins when it can have everything.
    if (over && unsent === 0) hangUp();
    if (!blocked || over || socket.bufferedAmount > highMarkBytes / 2) return;
    blocked = false;
    handlers.drain();
  };
  const send = (channel: number, payload: Uint8Array): void => {
    unsent += 1;
    socket.send(encoding.encode(channel, payload), { binary: encoding.binary }, sent);
  };
  const close = (): void => {
    if (over) return;
    over = true;
    // What is still on its way here must be read, or TCP throws away what is on its way there.
    socket.resume();
    if (unsent === 0) hangUp();
  };

  const receive = (message: Buffer): void => {
    const decoded = encoding.decode(message);
    if (!decoded) return;
    const { channel, payload } = decoded;
    if (channel === 0) handlers.stdin(payload);
    else if (channel === resizeChannel)
      for (const [width, height] of readSize(payload)) handlers.resize(width, height);
    else if (channel === closeSignal && halfClose) {
      // Malformed, it ends the whole connection; for another channel than stdin it means nothing.
      if (message.byteLength !== 2 || (message[1] ?? closeSignal) > resizeChannel) close();
      else if (message[1] === 0) handlers.stdinEnd();
    }
  };
  socket.on("message", (data) => {
    if (!over) receive(bytesOf(data));
  });
  // A connection that breaks is closed besides.
  socket.on("error", () => undefined);
  socket.once("close", () => {
    over = true;
    clearTimeout(hangUpTimer);
    handlers.gone();
  });

  // Empty, on the lowest channel that the server writes.
  send(asked.stdout ? stdout : asked.stderr ? stderr : errorChannel, new Uint8Array(0));

  return {
    send(channel, bytes) {
      if (over) return true;
      for (let start = 0; start < bytes.byteLength; start += payloadBytes) {
        send(channel, bytes.subarray(start, start + payloadBytes));
      }
      blocked ||= socket.bufferedAmount > highMarkBytes;
      return !blocked;
    },
    finish(status) {
      if (!over) send(errorChannel, Buffer.from(status));
      close();
    },
    close,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}

/** Sizes as a stream of JSON objects, which may be cut anywhere; keys in any case, and 0 means nothing. */
function createSizeReader(): (bytes: Uint8Array) => [number, number][] {
  let text = "";
  return (bytes) => {
    text = (text + Buffer.from(bytes).toString()).slice(-4_096);
    const sizes: [number, number][] = [];
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      const [, width] = /"width"\s*:\s*(\d{1,5})\s*[,}]/i.exec(text.slice(0, end + 1)) ?? [];
      const [, height] = /"height"\s*:\s*(\d{1,5})\s*[,}]/i.exec(text.slice(0, end + 1)) ?? [];
      text = text.slice(end + 1);
      if (isSize(Number(width)) && isSize(Number(height))) sizes.push([Number(width), Number(height)]);
    }
    return sizes;
  };
}

function isSize(value: number): boolean {
  return value >= 1 && value <= 65_535;
}
