import type { DialPlan } from "./options.ts";

/** The request's own headers, the credential's included; TypeError for those that belong to the handshake. */
export function headersOf(plan: DialPlan): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(plan.headers)) {
    const lower = name.toLowerCase();
    if (lower.startsWith("sec-websocket-") || lower === "connection" || lower === "upgrade") {
      throw new TypeError(`the header ${lower} belongs to the WebSocket handshake`);
    }
    if (lower === "authorization" && plan.credential) {
      throw new TypeError("give either `credential` or an Authorization header");
    }
    headers[name] = value;
  }
  if (plan.credential) headers["Authorization"] = plan.credential.authorization;
  return headers;
}
