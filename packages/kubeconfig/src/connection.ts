import type { ClientConfig, FetchLike } from "@podwire/client";
import { type Dial, nodeDial } from "@podwire/transport/node";
import { Agent, fetch as undiciFetch } from "undici";
import { readTlsOptions } from "./credentials.ts";
import type { ResolvedContext } from "./resolve.ts";
import { openToken } from "./token.ts";

/**
 * Makes the client's options of a context: one set of TLS options and one token feed REST and WebSockets alike.
 * Keys and tokens stay in closures, where no log finds them.
 */
export async function connect(context: ResolvedContext): Promise<ClientConfig> {
  const [tls, token] = await Promise.all([readTlsOptions(context), openToken(context)]);
  const agent = new Agent({
    connect: { ...tls },
    // The client has its own limits, and a watch may say nothing for as long as it likes.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const fetch: FetchLike = (input, init) => undiciFetch(input, { ...init, dispatcher: agent });
  const dial: Dial = (url, accept, options) => nodeDial(url, accept, { ...options, ...tls });
  return {
    server: context.server,
    namespace: context.namespace,
    headers: context.headers,
    ...(token !== undefined && { token }),
    fetch,
    dial,
    // Not a graceful close: a watch would hold it for ever.
    close: () => agent.destroy(),
  };
}
