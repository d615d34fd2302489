import type { IncomingMessage } from "node:http";

export const v5 = "v5.channel.k8s.io";
export const v4Base64 = "v4.base64.channel.k8s.io";
const v4: readonly string[] = ["v4.channel.k8s.io", v4Base64];

/**
 * v5 wherever it stands in the client's list, else the first form of v4; undefined when none is there. Names are
 * case-sensitive.
 * Of several header lines API servers read the first, unless they took a token out of them and joined the rest.
 */
export function subprotocolOf({ headers, headersDistinct }: IncomingMessage): string | undefined {
  const lines = headersDistinct["sec-websocket-protocol"] ?? [];
  const read = headers.authorization === undefined ? lines.join(",") : (lines[0] ?? "");
  const offered = read.split(",").map((name) => name.trim());
  return offered.includes(v5) ? v5 : offered.find((name) => v4.includes(name));
}
