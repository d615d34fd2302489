import type { IncomingHttpHeaders } from "node:http";

const secretNames = /^(?:proxy-)?authorization$|cookie|token|secret|password|api-?key/;
const bearer = /base64url\.bearer\.authorization\.k8s\.io\.[^\s,]*/g;

/** The headers of a request, without what lets somebody in. */
export function headersWithoutSecrets(
  headers: IncomingHttpHeaders,
  tokens: readonly string[],
): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    const text = Array.isArray(value) ? value.join(", ") : value;
    if (secretNames.test(name) || tokens.some((token) => text.includes(token))) return [[name, "[redacted]"]];
    return [[name, text.replaceAll(bearer, "base64url.bearer.authorization.k8s.io.[redacted]")]];
  });
  return Object.fromEntries(kept);
}
