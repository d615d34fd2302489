/** Why a connection could not be opened or ended badly; the README says what to do about each. */
export type TransportErrorCode =
  | "CONNECT_FAILED"
  | "CONNECTION_LOST"
  | "HANDSHAKE_FAILED"
  | "HANDSHAKE_REFUSED"
  | "HANDSHAKE_TIMEOUT"
  | "CLOSE_TIMEOUT"
  | "MESSAGE_TOO_LARGE"
  | "NOT_OPEN"
  | "RECEIVE_OVERFLOW"
  | "SUBPROTOCOL_MISMATCH";

/** The server's HTTP answer to a refused upgrade, as far as the platform shows it. */
export interface RefusedUpgrade {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The first 64 KiB of the body, decoded as UTF-8; absent where the platform hides it. */
  readonly body?: string;
}

export interface TransportErrorOptions {
  readonly cause?: unknown;
  readonly response?: RefusedUpgrade;
}

/** The only error this package throws of itself; never holds a URL's query, a header or a credential. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;
  /** The HTTP answer, with `HANDSHAKE_REFUSED`. */
  readonly response: RefusedUpgrade | undefined;

  constructor(code: TransportErrorCode, message: string, options: TransportErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.response = options.response;
  }
}
