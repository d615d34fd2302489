import { decodeStatus, type Status } from "@podwire/codec";
import type { Client, FetchResponse } from "./client.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { ClientError, type ClientErrorCode } from "./errors.ts";

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What every call takes. */
export interface CallOptions {
  /** Overrides the Api's namespace. */
  readonly namespace?: string;
  readonly signal?: AbortSignal;
  /** Overrides the client's limit, in milliseconds. */
  readonly requestTimeoutMs?: number;
}

export interface RequestOptions {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly requestTimeoutMs?: number | undefined;
}

/** The query string of a request: false and undefined are left out, arrays repeat their name. */
export function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "object") for (const one of value) parameters.append(name, one);
    else parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

/** The current bearer token. */
export async function tokenOf(client: Client): Promise<string | undefined> {
  const { token } = client.config;
  return typeof token === "function" ? await token() : token;
}

/** Sends one REST request and answers with its JSON; the server's schema is trusted for its own objects. */
export async function request<T>(client: Client, options: RequestOptions): Promise<T> {
  const timeoutMs = options.requestTimeoutMs ?? client.requestTimeoutMs;
  const deadline = createDeadline(
    options.signal,
    timeoutMs,
    () =>
      new ClientError("TIMEOUT", `${options.method} ${options.path} had no answer within ${timeoutMs} ms`),
  );
  try {
    const response = await respond(client, options, deadline);
    const text = await deadline.race(response.text());
    return parse<T>(text, options.path);
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : requestError(error, options);
  } finally {
    deadline.dispose();
  }
}

/** Sends one request and answers with its successful response, the body unread. */
export async function respond(
  client: Client,
  options: RequestOptions,
  deadline: Deadline,
): Promise<FetchResponse> {
  const token = await deadline.race(tokenOf(client));
  const fetch = client.config.fetch ?? globalThis.fetch;
  const response = await deadline.race(
    fetch(client.server + options.path + queryString(options.query), {
      method: options.method,
      headers: {
        ...client.config.headers,
        accept: "application/json",
        ...(options.body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      signal: deadline.signal,
      // A redirect could carry the token to another server.
      redirect: "error",
    }),
  );
  if (response.status >= 400) {
    throw httpError(
      response.status,
      await deadline.race(response.text()),
      `${options.method} ${options.path}`,
    );
  }
  return response;
}

function parse<T>(text: string, path: string): T {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClientError("BAD_RESPONSE", `the answer to ${path} is not JSON`, {
      cause,
      body: text.slice(0, 1_024),
    });
  }
}

/** A failed request as a ClientError: no answer at all, or one that could not be read. */
export function requestError(error: unknown, options: { method: string; path: string }): unknown {
  if (error instanceof ClientError) return error;
  const reason =
    error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
  return new ClientError("CONNECTION_FAILED", `${options.method} ${options.path} failed: ${reason}`, {
    cause: error,
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error for an HTTP answer: its code by the status, its message the server's own. */
export function httpError(httpStatus: number, body: string, what: string): ClientError {
  const status = statusOf(body);
  const text = status?.message ?? body.trim().slice(0, 1_024);
  const message = text === "" ? `${what} was answered with HTTP ${httpStatus}` : text;
  return new ClientError(codeOf(httpStatus, status), message + hintOf(httpStatus, message), {
    httpStatus,
    status,
    ...(status === undefined && { body: body.slice(0, 1_024) }),
  });
}

function statusOf(body: string): Status | undefined {
  try {
    const status = decodeStatus(new TextEncoder().encode(body));
    return status.kind === "Status" ? status : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(httpStatus: number, status: Status | undefined): ClientErrorCode {
  if (status?.reason === "AlreadyExists") return "ALREADY_EXISTS";
  return codes[httpStatus] ?? (httpStatus < 500 ? "BAD_REQUEST" : "SERVER_ERROR");
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

function hintOf(httpStatus: number, message: string): string {
  // Since 1.35 a second check wants `create` for a WebSocket's GET; with RBAC it gives no reason.
  if (httpStatus === 403 && message.endsWith("is forbidden: ")) {
    return "no reason was given; from Kubernetes 1.35 on, a WebSocket needs the verbs get and create on the subresource";
  }
  return "";
}
