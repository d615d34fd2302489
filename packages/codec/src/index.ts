export { decodeBase64Frame, encodeBase64Frame } from "./base64.ts";
export { bearerSubprotocol, tokenOfBearerSubprotocol } from "./bearer.ts";
export { Channel } from "./channel.ts";
export { decodeClose, encodeClose } from "./close.ts";
export { CodecError, type CodecErrorCode } from "./errors.ts";
export { decodeFrame, encodeFrame, type Frame } from "./frame.ts";
export { decodePort, encodePort } from "./port.ts";
export { createResizeDecoder, encodeResize, type ResizeDecoder, type TerminalSize } from "./resize.ts";
export {
  decodeStatus,
  encodeStatus,
  exitCodeOf,
  type Status,
  type StatusCause,
  type StatusDetails,
} from "./status.ts";
export {
  capabilitiesOf,
  chooseSubprotocol,
  type Subprotocol,
  type SubprotocolCapabilities,
  subprotocols,
} from "./subprotocol.ts";
