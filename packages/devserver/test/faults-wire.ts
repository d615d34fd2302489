import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { DevServer } from "@podwire/devserver";
import type { Upgraded } from "./upgraded.ts";

/** All that a server sends until the connection ends, in hex. */
export async function rest({ socket, head }: Upgraded): Promise<{ hex: string }> {
  const chunks = [head];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A reset is an error.
  socket.on("error", () => undefined);
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return { hex: Buffer.concat(chunks).toString("hex") };
}

/** Reads byte by byte: of what comes in one read with a reset, Node takes the end for an ordinary one. */
export function connectSlowly({ url }: DevServer): Socket {
  const { hostname: host, port } = new URL(url);
  const onread = { buffer: Buffer.alloc(1), callback: () => true };
  return connect({ host, port: Number(port), onread });
}

/** How a connection ends on which that was sent: the code of the system, or "end". */
export function endOf(socket: Socket, request: string): Promise<string> {
  socket.write(request);
  return new Promise((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once("end", () => resolve("end"));
    socket.resume();
  });
}

/** Waits until so many bytes have come, and answers with them in hex; rejects when the connection ends before. */
export async function next({ socket, head }: Upgraded, byteLength: number): Promise<string> {
  let bytes = head;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const take = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
  };
  socket.on("data", take).once("close", end);
  if (socket.closed) end();
  while (bytes.byteLength < byteLength) await once(socket, "data", { signal: ended.signal });
  socket.off("data", take).off("close", end);
  return bytes.toString("hex");
}
