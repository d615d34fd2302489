import type { Dial } from "@podwire/transport";
import { checkSecrecy, checkTimeout, checkToken, segmentOf } from "./arguments.ts";
import { asyncDispose } from "./dispose.ts";

/** As much of the platform's `fetch` as is used. */
export type FetchLike = (
  input: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly signal?: AbortSignal;
    readonly redirect: "manual";
  },
) => Promise<FetchResponse>;

export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): ByteReader } | null;
  text(): Promise<string>;
}

/** As much of a web stream's reader as the client uses. */
export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** Where the API server is and how to reach it; what kubeconfig and devserver hand out. */
export interface ClientConfig {
  /** Base URL of the API server, with a path when it is behind a proxy; no credentials, query or fragment. */
  readonly server: string | URL;
  /** Bearer token, or where to get the current one before each request. */
  readonly token?: string | (() => string | Promise<string>);
  /** Sends the token over plain http: too, where everybody on the way can read it; to loopback it always is. */
  readonly allowInsecure?: boolean;
  /** Namespace of calls that name none; "default" by default. */
  readonly namespace?: string;
  /** Headers of every request; a page cannot send them with a WebSocket. A bearer token is `token`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** REST; the platform's `fetch` by default. */
  readonly fetch?: FetchLike;
  /** WebSockets; the right one for where it runs by default. */
  readonly dial?: Dial;
  /** Time for one request, or for opening a session, waiting for its Pod included; 30,000 by default. */
  readonly requestTimeoutMs?: number;
  /** Ends what the configuration holds open, such as a connection pool. */
  readonly close?: () => Promise<void>;
}

/** A configured API server. Plain and stateless: sessions hold their own connections. */
export interface Client {
  readonly server: string;
  readonly namespace: string;
  readonly requestTimeoutMs: number;
  /** What the client was made of; neither enumerable nor a value, so that no log and no JSON finds a token. */
  readonly config: ClientConfig;
  /** Closes what the configuration holds open. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a client; checks the configuration and does no I/O. */
export function createClient(config: ClientConfig): Client {
  const server = parseServer(config.server);
  if (server.username || server.password || server.search || server.hash) {
    throw new TypeError("server must not hold a user, a password, a query or a fragment");
  }
  const { token, namespace = "default", requestTimeoutMs = 30_000 } = config;
  if (token !== undefined && typeof token !== "function") checkToken(token);
  if (token !== undefined && !config.allowInsecure) checkSecrecy(server);
  checkHeaders(config);
  segmentOf("namespace", namespace);
  checkTimeout("requestTimeoutMs", requestTimeoutMs);
  const client: Client = {
    server: server.href.replace(/\/+$/, ""),
    namespace,
    requestTimeoutMs,
    get config() {
      return config;
    },
    async close() {
      await config.close?.();
    },
    [asyncDispose]: () => client.close(),
  };
  Object.defineProperty(client, "config", { enumerable: false });
  return client;
}

function parseServer(server: string | URL): URL {
  try {
    const url = new URL(server);
    if (/^https?:$/.test(url.protocol)) return url;
  } catch {
    // The platform's own error would quote the URL.
  }
  throw new TypeError("server must be an http or https URL, such as https://127.0.0.1:6443");
}

function checkHeaders({ headers = {}, token }: ClientConfig): void {
  for (const [name, value] of Object.entries(headers)) {
    // The platform's own error would quote the value.
    if (typeof value !== "string" || /[\0\r\n]/.test(value)) {
      throw new TypeError(`the header ${name} must be a string of one line`);
    }
    if (name.toLowerCase() === "authorization" && (token !== undefined || /^bearer /i.test(value))) {
      throw new TypeError("give a bearer token as `token`: pages send it otherwise, and no error repeats it");
    }
  }
}
