import { CodecError, type Status } from "@podwire/codec";
import { withoutCommandLineIn } from "../command-line.ts";

const limitBytes = 1_048_576;

/** Channel 3: a byte stream that carries one Status object, in one message or in several, or v1's plain text. */
export interface StatusChannel {
  /** The Status, as soon as it is complete. */
  readonly status: Status | undefined;
  /** What is wrong with what arrived, when it is no Status. */
  readonly error: CodecError | undefined;
  /** Answers true when this payload completed the Status. */
  push(payload: Uint8Array): boolean;
}

/** `decode` reads what has come so far: `decodeStatus`, or for v1 `statusOfText`. */
export function createStatusChannel(decode: (bytes: Uint8Array) => Status): StatusChannel {
  let bytes = new Uint8Array(0);
  let status: Status | undefined;
  let error: CodecError | undefined;
  return {
    get status() {
      return status;
    },
    get error() {
      return status ? undefined : error;
    },
    push(payload) {
      // The opening empty message is no Status, and the first Status wins.
      if (payload.byteLength === 0 || status || bytes.byteLength > limitBytes) return false;
      const joined = new Uint8Array(bytes.byteLength + payload.byteLength);
      joined.set(bytes);
      joined.set(payload, bytes.byteLength);
      bytes = joined;
      try {
        status = withoutCommandLineIn(decode(bytes));
        return true;
      } catch (cause) {
        if (!(cause instanceof CodecError)) throw cause;
        error = cause;
        return false;
      }
    },
  };
}
