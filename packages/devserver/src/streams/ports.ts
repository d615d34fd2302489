import { badRequest, textRefusal } from "../status.ts";

/** The ports that a request names, as an API server reads them: several times, and in lists. */
export function portsOf(query: URLSearchParams): readonly number[] {
  return query.getAll("ports").flatMap((list) => list.split(",").map(portOf));
}

function portOf(text: string): number {
  const port = parsePort(text);
  if (typeof port === "number") return port;
  const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${port}`;
  throw badRequest(`cannot convert to []int32: ${why}`);
}

/** A number of 16 bits, or what Go says of something else. */
export function parsePort(text: string): number | "invalid syntax" | "value out of range" {
  if (!/^\d+$/.test(text)) return "invalid syntax";
  return Number(text) > 65_535 ? "value out of range" : Number(text);
}

/** What a kubelet checks besides, for a port-forward over channels. */
export function checkPorts(ports: readonly number[]): void {
  if (ports.length === 0) throw textRefusal(400, 'query parameter "port" is required');
  if (ports.includes(0)) throw textRefusal(400, 'port "0" must be > 0');
}
