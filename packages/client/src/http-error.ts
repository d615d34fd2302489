import { decodeStatus, type Status } from "@podwire/codec";
import { withoutCommandLine, withoutCommandLineIn } from "./command-line.ts";
import { ClientError, type ClientErrorCode } from "./errors.ts";

/** What is known of a failed request besides its answer. */
export interface HttpErrorOptions {
  readonly cause?: unknown;
  /** The session that was to be opened. */
  readonly session?: { readonly kind: "attach" | "exec"; readonly name: string };
  /** Of the header Retry-After. */
  readonly retryAfter?: string | undefined;
}

/** The error for an HTTP answer: its code by the status, its message the server's own, with a hint where one helps. */
export function httpError(
  httpStatus: number,
  body: string,
  what: string,
  options: HttpErrorOptions = {},
): ClientError {
  const status = statusOf(body);
  const excerpt = withoutCommandLine(body).slice(0, 1_024);
  const message =
    (status ? status.message : excerpt.trim()) || `${what} was answered with HTTP ${httpStatus}`;
  const hint = hintOf(httpStatus, message, status, options);
  return new ClientError(
    status?.reason === "AlreadyExists" ? "ALREADY_EXISTS" : codeOf(httpStatus),
    hint ? withHint(message, hint) : message,
    { httpStatus, status, ...(!status && { body: excerpt }), cause: options.cause },
  );
}

/** The error for an object that is gone, in the words that a server would use. */
export function notFound(plural: string, name: string): ClientError {
  return new ClientError("NOT_FOUND", `${plural} "${name}" not found`, { httpStatus: 404 });
}

/** A server's message and ours behind it. */
export function withHint(message: string, hint: string): string {
  return message.endsWith(": ") ? message + hint : `${message} (${hint})`;
}

function statusOf(body: string): Status | undefined {
  try {
    const status = decodeStatus(new TextEncoder().encode(body));
    return status.kind === "Status" ? withoutCommandLineIn(status) : undefined;
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

function hintOf(
  httpStatus: number,
  message: string,
  status: Status | undefined,
  { session, retryAfter }: HttpErrorOptions,
): string | undefined {
  const { name, retryAfterSeconds } = status?.details ?? {};
  switch (httpStatus) {
    case 401:
      return "the credential is missing, wrong or expired; as a function, `token` is asked for each request";
    case 403: {
      if (!session) return undefined;
      const subresource = `pods/${session.kind}`;
      // The GET's own check, and from 1.35 on a second one; with RBAC that gives no reason.
      if (message.endsWith("is forbidden: ")) {
        return `since Kubernetes 1.35 a WebSocket needs the verb create on ${subresource} besides get`;
      }
      if (!message.includes(` resource "${subresource}"`)) return undefined;
      return `a WebSocket needs the verb get on ${subresource}, since Kubernetes 1.35 also create`;
    }
    case 404:
      // The API server speaks of the Pod's node as if it were a Pod.
      if (!session || name === undefined || name === session.name) return undefined;
      return `Pod ${session.name} is bound to a node ${name}, and there is no such node`;
    case 429: {
      const seconds = retryAfterSeconds ?? retryAfter;
      return seconds === undefined ? undefined : `try again after ${seconds} s`;
    }
    default:
      return undefined;
  }
}
