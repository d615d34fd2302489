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
export { dialWith, type WebSocketConstructor, type WebSocketShape } from "./web-socket.ts";
