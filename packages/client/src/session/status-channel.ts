import { CodecError, decodeStatus, type Status } from "@podwire/codec";
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

export function createStatusChannel(format: "json" | "text"): StatusChannel {
  const decode = format === "json" ? decodeStatus : statusOfText;
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

/**
 * The text of v1 as the Status that later protocols send for it: servers write it in one message, only for failures,
 * and say an exit code other than 0 at its end (protocol notes in codec's PROTOCOL.md).
 */
function statusOfText(bytes: Uint8Array): Status {
  const message = new TextDecoder().decode(bytes);
  const failure: Status = { status: "Failure", message };
  const [, code] = /^command terminated with .*exit code (\d{1,3})$/s.exec(message) ?? [];
  if (code === undefined) return failure;
  return {
    ...failure,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: code }] },
  };
}
