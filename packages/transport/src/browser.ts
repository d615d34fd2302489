import type { Dial } from "./connection.ts";
import { TransportError } from "./errors.ts";
import type { CreateSpool } from "./spool.ts";
import { dialThrough } from "./web-socket.ts";
import { isStreamClass, openStream } from "./web-socket-stream.ts";

export * from "./contract.ts";
export type { CreateSpool, Spool } from "./spool.ts";

/**
 * Opens a WebSocket with what this platform has, looked up at each call: WebSocketStream, which can stop its peer, or
 * else the global WebSocket, whose unread messages fill a bounded buffer.
 */
export const dial: Dial = dialThrough((url, protocols) => {
  const streamClass: unknown = Reflect.get(globalThis, "WebSocketStream");
  if (isStreamClass(streamClass)) return openStream(streamClass, url, protocols);
  const socketClass = globalThis.WebSocket;
  if (typeof socketClass === "function") return new socketClass(url, protocols);
  throw new TransportError("CONNECT_FAILED", "no global WebSocket; use dialWith");
});

/** Makes a place outside memory, if this platform has one: a page has none. */
export const createSpool: CreateSpool | undefined = undefined;
