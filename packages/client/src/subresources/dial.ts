import { bearerSubprotocol } from "@podwire/codec";
import { type Accept, type Connection, type Credential, dial as platformDial } from "@podwire/transport";
import { segmentOf } from "../arguments.ts";
import type { Client, ClientConfig } from "../client.ts";
import type { Deadline } from "../deadline.ts";
import { type Query, queryString } from "../query.ts";
import { tokenOf } from "../request.ts";
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

/** Who asks, and for how long. */
export interface DialCall {
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly handshakeTimeoutMs: number | undefined;
}

/** Opens the WebSocket of a subresource; rejects with the server's own reason. */
export async function dialSubresource(
  client: Client,
  target: DialTarget,
  accept: Accept,
  deadline: Deadline,
): Promise<void> {
  const { signal } = deadline;
  const token = await tokenOf(client, deadline);
  try {
    // The deadline's own message says more than a handshake's.
    const call = { token, signal, handshakeTimeoutMs: 2_147_483_647 };
    await dialTarget(client.config, client.server, target, accept, call);
    signal.throwIfAborted();
  } catch (error) {
    throw openError(error, target);
  }
}

/** Opens the WebSocket of a subresource; rejects with the transport's errors. */
export async function dialTarget(
  config: ClientConfig,
  server: string,
  { kind, collection, name, query, protocols }: DialTarget,
  accept: Accept,
  { token, ...limits }: DialCall,
): Promise<Connection> {
  const { headers, allowInsecure, dial = platformDial } = config;
  return dial(
    `${server.replace(/^http/, "ws")}${collection}/${segmentOf("name", name)}/${kind}${queryString(query)}`,
    accept,
    {
      protocols,
      headers,
      allowInsecure,
      credential: token === undefined ? undefined : credentialOf(token),
      ...limits,
    },
  );
}

function credentialOf(token: string): Credential {
  return { authorization: `Bearer ${token}`, subprotocol: bearerSubprotocol(token) };
}
