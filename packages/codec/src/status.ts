import { CodecError } from "./errors.ts";
import { bytesOf, textOf } from "./utf8.ts";

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
  // Go escapes these in every JSON it writes, so that the text is safe inside HTML and JavaScript.
  const escaped = (character: string): string =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return bytesOf(JSON.stringify(status).replace(/[<>&\u2028\u2029]/g, escaped));
}

/** Reads a whole Status, which may have come in several messages. Throws `BAD_STATUS`; null counts as absent. */
export function decodeStatus(payload: Uint8Array): Status {
  let value: unknown;
  try {
    value = JSON.parse(textOf(payload) ?? "", (_key, inner: unknown) => inner ?? undefined);
  } catch (cause) {
    throw badStatus("not UTF-8 JSON", cause);
  }
  if (!isStatus(value)) throw badStatus("no object of the fields of a Status");
  return value;
}

/**
 * The exit code that a Status tells: 0 for Success, the ExitCode cause of NonZeroExitCode, undefined for any other
 * failure. Throws `BAD_STATUS` for a NonZeroExitCode without a number from 0 to 255.
 */
export function exitCodeOf(status: Status): number | undefined {
  if (status.status === "Success") return 0;
  if (status.status !== "Failure" || status.reason !== "NonZeroExitCode") return undefined;
  const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode");
  if (!cause) throw badStatus("NonZeroExitCode without an ExitCode cause");
  const { message = "" } = cause;
  if (!/^\d+$/.test(message) || Number(message) > 255) {
    throw badStatus(`exit code ${JSON.stringify(message.slice(0, 20))}`);
  }
  return Number(message);
}

function isStatus(value: unknown): value is Status {
  return (
    isObject(value) &&
    isText(value, "kind", "apiVersion", "status", "message", "reason") &&
    isCount(value["code"]) &&
    (value["metadata"] === undefined || isObject(value["metadata"])) &&
    (value["details"] === undefined || isDetails(value["details"]))
  );
}

function isDetails(value: unknown): boolean {
  if (!isObject(value) || !isText(value, "name", "group", "kind", "uid")) return false;
  const { causes } = value;
  return (
    isCount(value["retryAfterSeconds"]) &&
    (causes === undefined ||
      (Array.isArray(causes) &&
        // Array.from: a null has become a hole, which every() would skip.
        Array.from(causes).every((cause) => isObject(cause) && isText(cause, "reason", "message", "field"))))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(object: Record<string, unknown>, ...names: string[]): boolean {
  return names.every((name) => object[name] === undefined || typeof object[name] === "string");
}

function isCount(value: unknown): boolean {
  return value === undefined || Number.isInteger(value);
}

function badStatus(what: string, cause?: unknown): CodecError {
  return new CodecError("BAD_STATUS", `malformed Status: ${what}`, { cause });
}
