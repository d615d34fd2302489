/** What went wrong; stable, and listed in the README with what to do about each. */
export type DevServerErrorCode =
  | "LISTEN_FAILED"
  | "REFUSED"
  | "POD_FAILED"
  | "TIMED_OUT"
  | "SESSION_ENDED"
  | "CLOSED";

/** The error of this package; what goes wrong with a request is answered to the client instead. */
export class DevServerError extends Error {
  override readonly name = "DevServerError";
  readonly code: DevServerErrorCode;

  constructor(code: DevServerErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** What an error says, or whatever else was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
