import { bearerSubprotocol } from "@podwire/codec";
import { type Accept, dial as platformDial } from "@podwire/transport";
import type { Client } from "../client.ts";
import type { Deadline } from "../deadline.ts";
import { type Query, queryString, tokenOf } from "../request.ts";
import { openError } from "./refusal.ts";

/** A subresource to open a WebSocket to. */
export interface DialTarget {
  readonly kind: "attach" | "exec";
  /** Path of the Pods. */
  readonly collection: string;
  readonly name: string;
  readonly query: Query;
  readonly protocols: readonly string[];
}

/** Opens the WebSocket of a subresource; rejects with the server's own reason. */
export async function dialSubresource(
  client: Client,
  { kind, collection, name, query, protocols }: DialTarget,
  accept: Accept,
  deadline: Deadline,
): Promise<void> {
  const { config } = client;
  const token = await tokenOf(client, deadline);
  const server = client.server.replace(/^http/, "ws");
  try {
    await (config.dial ?? platformDial)(
      `${server}${collection}/${encodeURIComponent(name)}/${kind}${queryString(query)}`,
      accept,
      {
        protocols,
        ...(config.headers && { headers: config.headers }),
        ...(token !== undefined && {
          credential: { authorization: `Bearer ${token}`, subprotocol: bearerSubprotocol(token) },
        }),
        ...(config.allowInsecure && { allowInsecure: true }),
        signal: deadline.signal,
        // The deadline's own message says more than a handshake's.
        handshakeTimeoutMs: 2_147_483_647,
      },
    );
    deadline.signal.throwIfAborted();
  } catch (error) {
    throw openError(error, { kind, name });
  }
}
