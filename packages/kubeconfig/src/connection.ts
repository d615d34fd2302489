import type { ClientConfig } from "@podwire/client";
import { type Dial, nodeDial } from "@podwire/transport/node";
import { readTlsOptions } from "./credentials.ts";
import { createFetch } from "./fetch.ts";
import type { ResolvedContext } from "./resolve.ts";
import { openToken } from "./token.ts";

/**
 * Makes the client's options of a context: one set of TLS options and one token feed REST and WebSockets alike.
 * Keys and tokens stay in closures, where no log finds them.
 */
export async function connect(context: ResolvedContext): Promise<ClientConfig> {
  const [tls, token] = await Promise.all([readTlsOptions(context), openToken(context)]);
  const dial: Dial = (url, accept, options) => nodeDial(url, accept, { ...options, ...tls });
  return {
    server: context.server,
    namespace: context.namespace,
    headers: context.headers,
    ...(token !== undefined && { token }),
    ...createFetch(tls),
    dial,
  };
}
