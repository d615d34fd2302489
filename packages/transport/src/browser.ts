import type { Dial } from "./connection.ts";
import { TransportError } from "./errors.ts";
import type { CreateSpool } from "./spool.ts";
import { dialThrough } from "./web-socket.ts";

export type {
  Accept,
  Capabilities,
  CloseInfo,
  Connection,
  Credential,
  Dial,
  DialOptions,
  Sink,
} from "./connection.ts";
export {
  type RefusedUpgrade,
  TransportError,
  type TransportErrorCode,
  type TransportErrorOptions,
} from "./errors.ts";
export type { CreateSpool, Spool } from "./spool.ts";
export { dialWith, type WebSocketConstructor, type WebSocketShape } from "./web-socket.ts";

/** Opens a WebSocket with what this platform has: the global constructor, looked up at each call. */
export const dial: Dial = dialThrough((url, protocols) => {
  const socketClass = globalThis.WebSocket;
  if (typeof socketClass === "function") return new socketClass(url, protocols);
  throw new TransportError(
    "CONNECT_FAILED",
    "this platform has no global WebSocket; use dialWith(constructor)",
  );
});

/** Makes a place outside memory, if this platform has one: a page has none. */
export const createSpool: CreateSpool | undefined = undefined;
