import type { Credential, DialOptions } from "./connection.ts";

/** Checked dial options with every default filled in. */
export interface DialPlan {
  /** A ws: or wss: URL without user information and fragment. */
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: Credential | undefined;
  readonly signal: AbortSignal | undefined;
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly sendMarkBytes: number;
  readonly receiveBufferLimitBytes: number;
}

const mebibyte = 1024 * 1024;
/** The longest delay of setTimeout, and the largest limit that ws takes for one. */
const largest = 2 ** 31 - 1;
/** RFC 9110 5.6.2, which RFC 6455 4.1 demands of subprotocol names. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Names that never leave this machine (RFC 6761 6.3, RFC 1122 3.2.1.3), as URLs write them. */
const loopback = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Checks what a caller of `dial` passed. Throws TypeError or RangeError, never with a URL or a secret in it. */
export function planDial(url: string | URL, options: DialOptions): DialPlan {
  return {
    url: checkUrl(url, options),
    protocols: checkProtocols(options.protocols, options.credential),
    headers: { ...options.headers },
    credential: options.credential,
    signal: options.signal,
    handshakeTimeoutMs: checkLimit("handshakeTimeoutMs", options.handshakeTimeoutMs, 30_000),
    closeTimeoutMs: checkLimit("closeTimeoutMs", options.closeTimeoutMs, 5_000),
    maxMessageBytes: checkLimit("maxMessageBytes", options.maxMessageBytes, 64 * mebibyte),
    sendMarkBytes: checkLimit("sendMarkBytes", options.sendMarkBytes, mebibyte),
    receiveBufferLimitBytes: checkLimit(
      "receiveBufferLimitBytes",
      options.receiveBufferLimitBytes,
      4 * mebibyte,
    ),
  };
}

function checkUrl(input: string | URL, { credential, allowInsecure }: DialOptions): URL {
  let url: URL;
  try {
    url = new URL(input);
  } catch {
    // The platform's own error carries the whole URL.
    throw new TypeError("the URL to dial is not an absolute URL");
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new TypeError(`the URL to dial must be ws:, wss:, http: or https:, not ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") {
    // Some platforms send it as a Basic header, some drop it without a word.
    throw new TypeError("the URL to dial must not hold a user name or password; use `credential`");
  }
  if (url.hash !== "") throw new TypeError("the URL to dial must not have a fragment");
  if (credential && !allowInsecure && url.protocol === "ws:" && !loopback.test(url.hostname)) {
    throw new TypeError("a credential over ws: can be read on the way: use wss:, or `allowInsecure`");
  }
  return url;
}

function checkProtocols(protocols: readonly string[], credential: Credential | undefined): readonly string[] {
  if (!Array.isArray(protocols) || protocols.length === 0) {
    throw new TypeError("at least one subprotocol must be offered");
  }
  for (const name of protocols) {
    if (typeof name !== "string" || !token.test(name)) {
      throw new TypeError("a subprotocol name must be a token of RFC 9110 5.6.2");
    }
  }
  if (credential && !token.test(credential.subprotocol)) {
    throw new TypeError("credential.subprotocol must be a token of RFC 9110 5.6.2");
  }
  if (new Set(protocols).size !== protocols.length || protocols.includes(credential?.subprotocol ?? "")) {
    throw new TypeError("a subprotocol must not be offered twice");
  }
  return [...protocols];
}

function checkLimit(name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (Number.isInteger(value) && value > 0 && value <= largest) return value;
  throw new RangeError(`${name} must be an integer from 1 to ${largest}`);
}

/** Throws RangeError unless an application may send this code and reason (RFC 6455 5.5 and 7.4, W3C close()). */
export function checkClose(code: number, reason: string): void {
  if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) {
    throw new RangeError("a close code must be 1000 or from 3000 to 4999");
  }
  if (new TextEncoder().encode(reason).byteLength > 123) {
    throw new RangeError("a close reason must be at most 123 bytes of UTF-8");
  }
}
