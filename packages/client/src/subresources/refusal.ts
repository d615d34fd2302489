import type { Status } from "@podwire/codec";
import { TransportError, type TransportErrorCode } from "@podwire/transport";
import { withoutCommandLineIn } from "../command-line.ts";
import { ClientError, type ClientErrorCode } from "../errors.ts";
import { httpError, withHint } from "../http-error.ts";
import { codeOfRefusal } from "../kubelet-refusal.ts";

/** The session that was to be opened. */
export interface Wanted {
  readonly kind: "attach" | "exec";
  readonly name: string;
}

/** The error of a session that could not be opened: the server's own reason where the platform shows it. */
export function openError(error: unknown, wanted: Wanted): unknown {
  if (!(error instanceof TransportError)) return error;
  const { response } = error;
  return response ? refusal(response, wanted, error) : connectError(error, wanted);
}

/** The error of a session that could not be opened, without the server's answer. */
export function connectError(error: TransportError, wanted: Wanted): ClientError {
  const code = codes[error.code] ?? "CONNECTION_FAILED";
  return new ClientError(code, `${titleOf(wanted)} could not connect: ${error.message}`, { cause: error });
}

/**
 * The error of a session that was taken back after the 101, as API servers do that translate v5 themselves (1.30 to
 * 1.35): the same as theirs who refuse by HTTP. Undefined for a Status that says something else.
 */
export function statusRefusal(said: Status): ClientError | undefined {
  if (said.status !== "Failure") return undefined;
  const status = withoutCommandLineIn(said);
  const { message = "" } = status;
  const code = codeOfRefusal(message);
  if (!code) return undefined;
  return new ClientError(code, withRefusalHint(message, code), { status });
}

const codes: Partial<Record<TransportErrorCode, ClientErrorCode>> = {
  HANDSHAKE_TIMEOUT: "TIMEOUT",
  SUBPROTOCOL_MISMATCH: "SUBPROTOCOL_UNSUPPORTED",
};

function refusal(
  { status: httpStatus, body = "", headers }: NonNullable<TransportError["response"]>,
  session: Wanted,
  cause: TransportError,
): ClientError {
  const what = titleOf(session);
  if (httpStatus === 403 && body.trim() === "") {
    // The bare 403 of a runtime's streaming server: it knows none of the offered subprotocols.
    return new ClientError(
      "SUBPROTOCOL_UNSUPPORTED",
      `${what}: the server supports none of the offered subprotocols (v5 needs Kubernetes 1.30)`,
      { httpStatus, cause },
    );
  }
  const error = httpError(httpStatus, body, what, { cause, session, retryAfter: headers?.["retry-after"] });
  const { status } = error;
  // Text and not a Status: the kubelet speaks; of the API server's own only that it cannot reach one.
  const code = codeOfRefusal(status ? (status.message ?? "") : body);
  if (!code || (status && code !== "NODE_UNREACHABLE")) return error;
  const message = withRefusalHint(error.message, code);
  return new ClientError(code, message, { httpStatus, status, body: error.body, cause });
}

function titleOf({ kind, name }: Wanted): string {
  return `${kind} to Pod ${name}`;
}

function withRefusalHint(message: string, code: ClientErrorCode): string {
  const hint = hints[code];
  return hint ? withHint(message, hint) : message;
}

const hints: Partial<Record<ClientErrorCode, string>> = {
  CONTAINER_NOT_RUNNING: "it has not started yet, or is over",
  NOT_FOUND: "the node's kubelet does not know the Pod yet",
  NODE_UNREACHABLE: "the API server cannot reach the kubelet of the Pod's node",
};
