import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { patternBytes } from "../pattern.ts";
import { createStdinFrames } from "./stdin-frames.ts";
import { stdoutFrames } from "./stdout-frames.ts";

/** A client's exec: its WebSocket, and the TCP connection below for frames that are made already. */
export interface Exec {
  readonly websocket: WebSocket;
  readonly socket: Duplex;
}

const batches = new Map<number, Buffer>();

/** Sends so many bytes (Infinity: for ever), written past `ws` so that the server is never what is measured. */
export async function download(
  { websocket, socket }: Exec,
  bytes: number,
  frameBytes: number,
): Promise<void> {
  const batch = batches.get(frameBytes) ?? stdoutFrames(frameBytes);
  batches.set(frameBytes, batch);
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += patternBytes) {
    // The next one when this one is in the kernel: that is back-pressure. A connection that is gone calls back too.
    await new Promise((resolve) => socket.write(batch, resolve));
  }
  endWithSuccess(websocket);
}

/** Swallows so many bytes of stdin and says how many came, or which was wrong; read past `ws` too. */
export function upload({ websocket, socket }: Exec, bytes: number): void {
  const frames = createStdinFrames(bytes);
  const listeners = socket.listeners("data") as ((data: Buffer) => void)[];
  socket.removeAllListeners("data");
  socket.on("data", (data: Buffer) => {
    const rest = frames.push(data);
    if (frames.byteLength < bytes) return;
    const { byteLength, wrongAt } = frames;
    websocket.send(Buffer.from(`\x01${wrongAt === undefined ? byteLength : `a wrong byte at ${wrongAt}`}`));
    endWithSuccess(websocket);
    // What comes now is the client's Close.
    socket.removeAllListeners("data");
    for (const listener of listeners) socket.on("data", listener);
    if (rest.byteLength > 0) socket.unshift(rest);
  });
}

/** Sends every message of stdin back on stdout. */
export function echo({ websocket }: Exec): void {
  websocket.on("message", (message: Buffer) => {
    if (message[0] !== 0 || message.byteLength === 1) return;
    message[0] = 1;
    websocket.send(message);
  });
}

/** Reads nothing and says nothing. */
export function stall({ websocket }: Exec): void {
  websocket.pause();
}

function endWithSuccess(websocket: WebSocket): void {
  websocket.send(Buffer.from(`\x03${JSON.stringify({ metadata: {}, status: "Success" })}`));
  websocket.close(1000);
}
