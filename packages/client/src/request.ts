import { checkTimeout, checkToken } from "./arguments.ts";
import type { Client, FetchResponse } from "./client.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { ClientError } from "./errors.ts";
import { httpError } from "./http-error.ts";
import { type Query, queryString } from "./query.ts";

/** What every call takes. */
export interface CallOptions {
  /** Overrides the Api's namespace. */
  readonly namespace?: string;
  readonly signal?: AbortSignal;
  /** Overrides the client's limit, in milliseconds. */
  readonly requestTimeoutMs?: number;
}

/** One REST request. */
export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
}

/** A successful answer, its body unread. */
export interface Answer {
  readonly body: FetchResponse["body"];
  /** The beginning of what the server wrote, for an error; a server may echo the token. */
  quote(text: string): string;
}

const longestAnswer = 268_435_456;
const longestError = 1_048_576;

/** The deadline of one call; the message is given its limit. */
export function callDeadline(
  client: Client,
  options: CallOptions,
  message: (within: string) => string,
): Deadline {
  const { signal, requestTimeoutMs = client.requestTimeoutMs } = options;
  checkTimeout("requestTimeoutMs", requestTimeoutMs);
  return createDeadline(signal, requestTimeoutMs, () => message(`within ${requestTimeoutMs} ms`));
}

/** The current bearer token; never part of an error. */
export async function tokenOf({ config }: Client, deadline: Deadline): Promise<string | undefined> {
  const { token } = config;
  if (typeof token !== "function") return token;
  let current: string;
  try {
    current = await deadline.race(async () => await token());
  } catch (cause) {
    deadline.signal.throwIfAborted();
    throw new ClientError("UNAUTHORIZED", `no token could be obtained: ${messageOf(cause)}`, { cause });
  }
  return checkToken(current);
}

/** Sends one request and answers with its JSON; beyond its metadata, the server's schema is trusted. */
export async function request<T>(client: Client, call: Call, deadline: Deadline): Promise<T> {
  const what = `${call.method} ${call.path}`;
  const { body, quote } = await respond(client, call, deadline);
  let text = "";
  for await (const part of readText(body, what, deadline)) {
    text += part;
    if (text.length > longestAnswer) {
      throw new ClientError("LIMIT_EXCEEDED", `the answer to ${what} is over 256 MiB`);
    }
  }
  return parseJson<T>(text, what, quote, hasMetadata);
}

/** Sends one request and answers once its headers are there and say that it succeeded. */
export async function respond(client: Client, call: Call, deadline: Deadline): Promise<Answer> {
  const what = `${call.method} ${call.path}`;
  const { config } = client;
  const token = await tokenOf(client, deadline);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers ?? {})) headers[name.toLowerCase()] = value;
  headers["accept"] = "application/json";
  if (call.body !== undefined) headers["content-type"] = "application/json";
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  const quote = (text: string): string => {
    const secret = headers["authorization"]?.replace(/^\S* /, "");
    const start = text.slice(0, longestError);
    return secret ? start.replaceAll(secret, "[redacted]") : start;
  };
  const fetch = config.fetch ?? globalThis.fetch;
  const { status, body } = await receive(what, deadline, () =>
    fetch(client.server + call.path + queryString(call.query), {
      method: call.method,
      headers,
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal: deadline.signal,
      // A redirect could carry the token to another server. Workers know no "error".
      redirect: "manual",
    }),
  );
  if (status >= 200 && status < 300) return { body, quote };
  // Pages are not told more of a redirect.
  if (status === 0) {
    throw new ClientError("BAD_RESPONSE", `${what} was answered with a redirect, which is not followed`);
  }
  let text = "";
  try {
    for await (const part of readText(body, what, deadline)) {
      text += part;
      if (text.length > longestError) break;
    }
  } catch {
    // The status alone says what to do, and what came of the body may say why.
  }
  throw httpError(status, quote(text), what);
}

/** A body's text in pieces as they arrive; leaving the loop ends the request. */
export async function* readText(
  body: FetchResponse["body"],
  what: string,
  deadline: Deadline,
): AsyncGenerator<string, void> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (let ended = false; !ended; ) {
      const { done, value } = await receive(what, deadline, () => reader.read());
      yield decoder.decode(value, { stream: !done });
      ended = done;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Reads what the server wrote, if it is JSON and looks right. */
export function parseJson<T>(
  text: string,
  what: string,
  quote: Answer["quote"],
  looksRight: (value: unknown) => boolean,
): T {
  try {
    const value = JSON.parse(text);
    if (looksRight(value)) return value;
  } catch {
    // The parser's own words would quote the text.
  }
  throw new ClientError("BAD_RESPONSE", `the answer to ${what} is not what the Kubernetes API sends`, {
    body: quote(text).slice(0, 1_024),
  });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Whether this may be an object of the API: all of them, lists and statuses too, have metadata. */
export function hasMetadata(value: unknown): boolean {
  return isObject(value) && isObject(value["metadata"]);
}

/** Waits for the network: what goes wrong there is `CONNECTION_FAILED`, unless the deadline has passed. */
async function receive<T>(what: string, deadline: Deadline, run: () => Promise<T>): Promise<T> {
  try {
    return await deadline.race(run);
  } catch (cause) {
    deadline.signal.throwIfAborted();
    // `fetch failed` says nothing; its cause does.
    const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
    throw new ClientError("CONNECTION_FAILED", `${what} failed: ${messageOf(reason)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An AggregateError, of a name with several addresses, has a code and no message.
  return error.message || ("code" in error ? String(error.code) : error.name);
}
