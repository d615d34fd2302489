import { decodeStatus, type Status } from "@podwire/codec";
import { ClientError, type ClientErrorCode } from "./errors.ts";

/** The error for an HTTP answer: its code by the status, its message the server's own. */
export function httpError(httpStatus: number, body: string, what: string, cause?: unknown): ClientError {
  const status = statusOf(body);
  const excerpt = body.slice(0, 1_024);
  const message = status ? status.message : excerpt.trim();
  return new ClientError(
    status?.reason === "AlreadyExists" ? "ALREADY_EXISTS" : codeOf(httpStatus),
    message ? message + hintOf(httpStatus, message) : `${what} was answered with HTTP ${httpStatus}`,
    { httpStatus, status, ...(!status && { body: excerpt }), cause },
  );
}

/** The error for an object that is gone, in the words that a server would use. */
export function notFound(plural: string, name: string): ClientError {
  return new ClientError("NOT_FOUND", `${plural} "${name}" not found`, { httpStatus: 404 });
}

function statusOf(body: string): Status | undefined {
  try {
    const status = decodeStatus(new TextEncoder().encode(body));
    return status.kind === "Status" ? status : undefined;
  } catch {
    return undefined;
  }
}

const codes: Readonly<Record<number, ClientErrorCode>> = {
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  410: "EXPIRED",
  422: "INVALID",
  429: "TOO_MANY_REQUESTS",
};

function codeOf(httpStatus: number): ClientErrorCode {
  if (httpStatus < 400) return "BAD_RESPONSE";
  return codes[httpStatus] ?? (httpStatus < 500 ? "BAD_REQUEST" : "SERVER_ERROR");
}

function hintOf(httpStatus: number, message: string): string {
  // Since 1.35 a second check wants `create` for a WebSocket's GET; with RBAC it gives no reason.
  if (httpStatus !== 403 || !message.endsWith("is forbidden: ")) return "";
  return "no reason was given; from Kubernetes 1.35 on, a WebSocket needs the verbs get and create on the subresource";
}
