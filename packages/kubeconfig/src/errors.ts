/** Why a kubeconfig could not be used; the README says what to do about each. */
export type KubeconfigErrorCode =
  | "BAD_CERTIFICATE"
  | "BAD_KUBECONFIG"
  | "BAD_YAML"
  | "FILE_NOT_FOUND"
  | "FILE_UNREADABLE"
  | "NO_CURRENT_CONTEXT"
  | "UNKNOWN_CLUSTER"
  | "UNKNOWN_CONTEXT"
  | "UNKNOWN_USER"
  | "UNSUPPORTED_AUTH"
  | "UNSUPPORTED_PROXY";

/** The only error this package throws of itself; names files, fields and entries, never what a secret one holds. */
export class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
  readonly code: KubeconfigErrorCode;

  constructor(code: KubeconfigErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}
