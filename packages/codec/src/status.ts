import { CodecError } from "./errors.ts";
import { bytesOf, createUtf8Decoder } from "./utf8.ts";

/** One of the reasons inside a Status. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** What a Status is about. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** Kubernetes' answer to how something went: the last word on channel 3, and the body of a failed request. */
export interface Status {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata?: { readonly [key: string]: unknown };
  /** "Success" or "Failure". */
  readonly status?: string;
  readonly message?: string;
  /** "NonZeroExitCode", "InternalError", "NotFound" and so on. */
  readonly reason?: string;
  readonly details?: StatusDetails;
  /** An HTTP status; not the exit code. */
  readonly code?: number;
}

/** The payload of a status message of v4 and v5: JSON with its keys in your order, no newline. */
export function encodeStatus(status: Status): Uint8Array {
  return bytesOf(JSON.stringify(status));
}

/** Reads a whole Status, which may have come in several messages. Throws `BAD_STATUS`; null counts as absent. */
export function decodeStatus(payload: Uint8Array): Status {
  try {
    return JSON.parse(createUtf8Decoder().decode(payload), typed) as Status;
  } catch (cause) {
    throw new CodecError("BAD_STATUS", "not the JSON of a Status", { cause });
  }
}

/**
 * The exit code that a Status tells: 0 for Success, the ExitCode cause of NonZeroExitCode, undefined for any other
 * failure. Throws `BAD_STATUS` for a NonZeroExitCode without a number from 0 to 255.
 */
export function exitCodeOf(status: Status): number | undefined {
  if (status.status === "Success") return 0;
  if (status.status !== "Failure" || status.reason !== "NonZeroExitCode") return undefined;
  const code = status.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message ?? "";
  if (/^\d+$/.test(code) && Number(code) < 256) return Number(code);
  throw new CodecError("BAD_STATUS", "no exit code");
}

/** A field and a wrong type for it, wherever in a Status it stands; the empty name is the Status, numbers are causes. */
const wrong =
  /^((metadata|details|\d*)=(?!Object)|causes=(?!Array)|(code|retryAfterSeconds)=(?!Number)|(kind|apiVersion|status|message|reason|name|group|uid|field)=(?!String))/;

/** For JSON.parse: throws for a value of the wrong type, and leaves fields out that are null. */
function typed(key: string, value: unknown): unknown {
  if (value === null && !/^\d*$/.test(key)) return undefined;
  if (wrong.test(`${key}=${{}.toString.call(value).slice(8)}`)) throw new TypeError(key);
  return value;
}
