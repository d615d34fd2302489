import { TransportError, type TransportErrorCode } from "@podwire/transport";
import { ClientError, type ClientErrorCode } from "../errors.ts";
import { httpError } from "../http-error.ts";
import { notRunning } from "../session/exit.ts";

/** The error of a session that could not be opened: the server's own reason where the platform shows it. */
export function openError(error: unknown, what: string): unknown {
  if (!(error instanceof TransportError)) return error;
  const { response } = error;
  if (response) return refusal(response.status, response.body, what, error);
  return new ClientError(
    codes[error.code] ?? "CONNECTION_FAILED",
    `${what} could not connect: ${error.message}`,
    { cause: error },
  );
}

const codes: Partial<Record<TransportErrorCode, ClientErrorCode>> = {
  HANDSHAKE_TIMEOUT: "TIMEOUT",
  SUBPROTOCOL_MISMATCH: "SUBPROTOCOL_UNSUPPORTED",
};

function refusal(httpStatus: number, body: string | undefined, what: string, cause: unknown): ClientError {
  if (httpStatus === 403 && body?.trim() === "") {
    // The bare 403 of a runtime's streaming server: it knows none of the offered subprotocols.
    return new ClientError(
      "SUBPROTOCOL_UNSUPPORTED",
      `${what}: the server supports none of the offered subprotocols (v5 needs Kubernetes 1.30)`,
      { httpStatus, cause },
    );
  }
  const error = httpError(httpStatus, body ?? "", what, cause);
  // Text and not a Status: the kubelet speaks, of a container that is not running (yet, or any more).
  if (!error.status && notRunning.test(error.message)) {
    return new ClientError("CONTAINER_NOT_RUNNING", error.message, { httpStatus, body: error.body, cause });
  }
  return error;
}
