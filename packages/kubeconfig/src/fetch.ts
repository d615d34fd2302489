import type { ClientConfig } from "@podwire/client";
import { Agent, fetch as undiciFetch } from "undici";
import type { TlsOptions } from "./credentials.ts";

/** REST with TLS options of its own, and the end of all that it holds open: not a graceful one, as watches do not end. */
export type TlsFetch = Required<Pick<ClientConfig, "fetch" | "close">>;

/** Makes the fetch of this platform: undici's, but in Bun, which puts one of its own in that place. */
export function createFetch(tls: TlsOptions): TlsFetch {
  return "bun" in process.versions ? createBunFetch(tls) : createUndiciFetch(tls);
}

function createUndiciFetch(tls: TlsOptions): TlsFetch {
  const agent = new Agent({
    connect: { ...tls },
    // The client has its own limits, and a watch may say nothing for as long as it likes.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    fetch: (input, init) => undiciFetch(input, { ...init, dispatcher: agent }),
    close: () => agent.destroy(),
  };
}

/** Bun's takes no dispatcher, and says nothing of one. */
function createBunFetch(tls: TlsOptions): TlsFetch {
  const closing = new AbortController();
  return {
    fetch(input, init) {
      const signal = AbortSignal.any([closing.signal, ...(init.signal ? [init.signal] : [])]);
      // `timeout` is that of Bun, five minutes by default.
      const options = { ...init, signal, tls, timeout: false };
      return globalThis.fetch(input, options);
    },
    async close() {
      closing.abort(new TypeError("the connections of this kubeconfig are closed"));
    },
  };
}
