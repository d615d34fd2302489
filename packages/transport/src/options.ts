import type { Credential, DialOptions } from "./connection.ts";
import { byteLengthOf } from "./message.ts";

/** The limits of a connection. */
interface Limits {
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly sendMarkBytes: number;
  readonly receiveBufferLimitBytes: number;
}

const defaults: Limits = {
  handshakeTimeoutMs: 30_000,
  closeTimeoutMs: 5_000,
  maxMessageBytes: 2 ** 26,
  sendMarkBytes: 2 ** 20,
  receiveBufferLimitBytes: 2 ** 22,
};

/** Checked dial options with every default filled in. */
export interface DialPlan extends Limits {
  /** A ws: or wss: URL without user information and fragment. */
  readonly url: URL;
  readonly protocols: readonly string[];
  /** With the credential's, last: so a server which knows no credentials there chooses one of the others first. */
  readonly offered: string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: Credential | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The longest delay of setTimeout, and the largest limit that ws takes for one. */
const largest = 2 ** 31 - 1;
/** RFC 9110 5.6.2, which RFC 6455 4.1 demands of subprotocol names. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Names that never leave this machine (RFC 6761 6.3, RFC 1122 3.2.1.3), as URLs write them. */
const loopback = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Checks what a caller of `dial` passed. Throws TypeError or RangeError, never with a URL or a secret in it. */
export function planDial(url: string | URL, options: DialOptions): DialPlan {
  const { protocols, headers, credential, signal } = options;
  const offered = offeredOf(protocols, credential);
  return {
    ...withDefaults(options, defaults),
    url: checkUrl(url, options),
    protocols: [...protocols],
    offered,
    headers: { ...headers },
    credential,
    signal,
  };
}

function checkUrl(input: string | URL, { credential, allowInsecure }: DialOptions): URL {
  const url = parse(input);
  if (!url || !/^(ws|http)s?:$/.test(url.protocol)) {
    throw new TypeError("dial needs a ws:, wss:, http: or https: URL");
  }
  url.protocol = url.protocol.replace("http", "ws");
  // Some platforms send a user as a Basic header, some drop it without a word.
  if (url.username || url.password || url.hash) {
    throw new TypeError("the URL must hold no user, password or fragment");
  }
  if (credential && !allowInsecure && url.protocol === "ws:" && !loopback.test(url.hostname)) {
    throw new TypeError("a credential needs wss:, or `allowInsecure`");
  }
  return url;
}

function parse(input: string | URL): URL | undefined {
  try {
    return new URL(input);
  } catch {
    // The platform's own error carries the whole URL.
    return undefined;
  }
}

function offeredOf(protocols: readonly string[], credential: Credential | undefined): string[] {
  const offered = Array.isArray(protocols)
    ? [...protocols, ...(credential ? [credential.subprotocol] : [])]
    : [];
  const sound = offered.every((name) => typeof name === "string" && token.test(name));
  if (!sound || !protocols?.length || new Set(offered).size < offered.length) {
    throw new TypeError("subprotocols must be different tokens of RFC 9110, at least one");
  }
  return offered;
}

function withDefaults<T extends { readonly [name in keyof T]: number }>(
  options: { readonly [name in keyof T]?: T[name] | undefined },
  defaults: T,
): T {
  const limits = { ...defaults };
  for (const name in defaults) {
    const value = options[name];
    if (value === undefined) continue;
    if (!(Number.isInteger(value) && value > 0 && value <= largest)) {
      throw new RangeError(`${name} must be an integer from 1 to ${largest}`);
    }
    limits[name] = value;
  }
  return limits;
}

/** Throws RangeError unless an application may send this code and reason (RFC 6455 5.5 and 7.4, W3C close()). */
export function checkClose(code: number, reason: string): void {
  const allowed = code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999);
  if (!allowed || byteLengthOf(reason) > 123) {
    throw new RangeError("close takes 1000 or 3000 to 4999, and a reason of 123 bytes");
  }
}
