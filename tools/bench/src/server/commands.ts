import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { createChecker } from "../checker.ts";
import { pattern, patternBytes } from "../pattern.ts";
import { stdoutFrames } from "./frames.ts";

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

/** Swallows so many bytes of stdin and says how many came and whether they were right. */
export function upload({ websocket }: Exec, bytes: number): void {
  const checker = createChecker(pattern);
  websocket.on("message", (message: Buffer) => {
    if (message[0] !== 0) return;
    checker.take(message.subarray(1));
    if (checker.byteLength < bytes) return;
    let answer = `${checker.byteLength}`;
    try {
      checker.finish(bytes);
    } catch (error) {
      answer = String(error);
    }
    websocket.send(Buffer.from(`\x01${answer}`));
    endWithSuccess(websocket);
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
