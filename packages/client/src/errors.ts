import type { Status } from "@podwire/codec";

/** What went wrong; stable, and listed in the README with what to do about each. */
export type ClientErrorCode =
  | "ALREADY_EXISTS"
  | "BAD_REQUEST"
  | "BAD_RESPONSE"
  | "COMMAND_FAILED"
  | "CONFLICT"
  | "CONNECTION_FAILED"
  | "CONNECTION_LOST"
  | "CONTAINER_NOT_RUNNING"
  | "ENDED_WITHOUT_STATUS"
  | "EXPIRED"
  | "FAILED_TO_START"
  | "FORBIDDEN"
  | "HALF_CLOSE_UNSUPPORTED"
  | "INVALID"
  | "LIMIT_EXCEEDED"
  | "NODE_UNREACHABLE"
  | "NOT_FOUND"
  | "PATTERN_NOT_FOUND"
  | "PEER_SILENT"
  | "POD_CANNOT_RUN"
  | "PROTOCOL_ERROR"
  | "READER_BUSY"
  | "SERVER_ERROR"
  | "SESSION_ENDED"
  | "SPOOL_FAILED"
  | "STDIN_STALLED"
  | "SUBPROTOCOL_UNSUPPORTED"
  | "TIMEOUT"
  | "TOO_MANY_REQUESTS"
  | "UNAUTHORIZED"
  | "UNVERIFIED";

export interface ClientErrorOptions {
  readonly cause?: unknown;
  readonly httpStatus?: number | undefined;
  readonly status?: Status | undefined;
  readonly body?: string | undefined;
  readonly transcript?: string | undefined;
  readonly result?: unknown;
}

/** The error of this package; never holds a token, a header or a URL's query. */
export class ClientError extends Error implements Omit<ClientErrorOptions, "cause"> {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  /** HTTP status of the answer, where there was one. */
  readonly httpStatus: number | undefined;
  /** The server's own Status object, from an HTTP body or from the status channel. */
  readonly status: Status | undefined;
  /** The first 1,024 characters of an HTTP body that was no Status. */
  readonly body: string | undefined;
  /** With `until`: what had been read up to then; it stays readable. */
  readonly transcript: string | undefined;
  /** With `exec.run`: what had been collected up to then. */
  readonly result: unknown;

  constructor(code: ClientErrorCode, message: string, { cause, ...facts }: ClientErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, facts);
  }
}

/** Thrown on using a subresource that the resource does not have, such as `attach` of a ConfigMap. */
export class NotImplementedError extends Error {
  override readonly name = "NotImplementedError";
  readonly code = "NOT_IMPLEMENTED";
}
