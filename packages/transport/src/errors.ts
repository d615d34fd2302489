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

const brand = Symbol.for("podwire.TransportError");

/**
 * The only error this package throws of itself; never holds a URL's query, a header or a credential.
 * `instanceof` holds across the package's entries, each of which carries its own copy of this class.
 */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;
  /** The HTTP answer, with `HANDSHAKE_REFUSED`. */
  readonly response: RefusedUpgrade | undefined;

  static {
    Reflect.set(TransportError.prototype, brand, true);
    Object.defineProperty(TransportError, Symbol.hasInstance, { value: isInstance });
  }

  constructor(code: TransportErrorCode, message: string, options: TransportErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.response = options.response;
  }
}

function isInstance(this: unknown, value: unknown): boolean {
  // A class made from this one asks about itself, not about the brand.
  if (this !== TransportError) return Error[Symbol.hasInstance].call(this, value);
  return Reflect.get(Object(value), brand) === true;
}
