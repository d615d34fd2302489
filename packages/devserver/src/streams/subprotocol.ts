import type { IncomingMessage } from "node:http";

export const v5 = "v5.channel.k8s.io";
const v4 = "v4.channel.k8s.io";

/**
 * v5 wherever it stands in the client's list, else v4; undefined when neither is there. Names are case-sensitive.
 * Of several header lines API servers read the first, unless they took a token out of them and joined the rest.
 */
export function subprotocolOf({ headers, headersDistinct }: IncomingMessage): string | undefined {
  const lines = headersDistinct["sec-websocket-protocol"] ?? [];
  const read = headers.authorization === undefined ? lines.join(",") : (lines[0] ?? "");
  const offered = read.split(",").map((name) => name.trim());
  return [v5, v4].find((name) => offered.includes(name));
}
