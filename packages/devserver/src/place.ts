import { isIP } from "node:net";

/** Where a server listens, and the names it may be called by. */
export interface Place {
  /** An IP address of this machine, or that for all of them. */
  readonly host: string;
  /** Names and addresses, as in a URL. */
  readonly names: readonly string[];
  /** The one of its own URL. */
  readonly name: string;
}

const loopbackNames: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];
const allAddresses: readonly string[] = ["0.0.0.0", "::"];

/**
 * Throws TypeError for what is no address or no name, and RangeError for a place that others reach without TLS: what
 * runs commands does not take its token in plain text.
 */
export function placeOf(host: string, allowedHosts: readonly string[], tls: boolean): Place {
  if (typeof host !== "string" || isIP(host) === 0) {
    throw new TypeError("host must be an IP address of this machine, such as 127.0.0.1 or 0.0.0.0");
  }
  if (!Array.isArray(allowedHosts)) throw new TypeError("allowedHosts must be a list");
  const others = allowedHosts.map((name: unknown) => nameOf(name));
  if (!isLoopback(host) && !tls) throw new RangeError(`a host that others reach, ${host}, needs tls: true`);
  const own = allAddresses.includes(host) ? [] : [urlNameOf(host)];
  const [name = "127.0.0.1"] = [...own, ...others];
  return { host, names: [...new Set([...loopbackNames, ...own, ...others])], name };
}

function isLoopback(address: string): boolean {
  return /^127\./.test(address) || address === "::1";
}

function nameOf(name: unknown): string {
  const text = typeof name === "string" ? name.toLowerCase() : "";
  const inUrl = isIP(text) === 0 ? text : urlNameOf(text);
  if (URL.canParse(`http://${inUrl}`) && new URL(`http://${inUrl}`).host === inUrl) return inUrl;
  throw new TypeError(`allowedHosts has ${JSON.stringify(name)}, which is no host name without a port`);
}

function urlNameOf(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).host : address;
}
