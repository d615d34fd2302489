import type { Dial } from "./connection.ts";
import { nodeDial } from "./node/dial.ts";

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
export type { NodeDialOptions } from "./node/options.ts";
export { dialWith, type WebSocketConstructor, type WebSocketShape } from "./web-socket.ts";
export { nodeDial };

/** Opens a WebSocket with what this platform has: `ws`. */
export const dial: Dial = nodeDial;
