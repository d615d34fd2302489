/** What is wrong with the bytes; the README says which function throws which. */
export type CodecErrorCode =
  | "BAD_BASE64"
  | "BAD_CHANNEL"
  | "BAD_CLOSE"
  | "BAD_PORT"
  | "BAD_RESIZE"
  | "BAD_STATUS"
  | "BAD_TOKEN"
  | "EMPTY_MESSAGE";

/** The only error that decoding throws, whatever the bytes. */
export class CodecError extends Error {
  override readonly name = "CodecError";
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
