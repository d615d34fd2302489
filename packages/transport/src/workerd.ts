import type { Dial } from "./connection.ts";
import { fetchDial } from "./fetch-upgrade.ts";
import type { CreateSpool } from "./spool.ts";

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

/** Opens a WebSocket with what this platform has: its fetch, which sends headers and shows a refusal. */
export const dial: Dial = fetchDial;

/** Makes a place outside memory, if this platform has one: a worker has none. */
export const createSpool: CreateSpool | undefined = undefined;
