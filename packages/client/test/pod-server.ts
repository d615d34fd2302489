import { Api, createClient, Pod } from "../src/index.ts";
import { answer, type Behaviour, serve } from "./api-server.ts";

/** The Pod p as the API server tells it, which runs unless its only container is in another state. */
export function podWith(container: object = {}, state: object = { running: {} }) {
  return {
    metadata: { name: "p", resourceVersion: "1" },
    spec: { containers: [{ name: "main", ...container }] },
    status: { phase: "Running", containerStatuses: [{ name: "main", state }] },
  };
}

/** A server of the Pod p, and a client of it. */
export async function servePod(behaviour: Behaviour & { readonly container?: object } = {}) {
  const server = await serve({
    http: (_, response) => answer(response, 200, podWith(behaviour.container)),
    ...behaviour,
  });
  return {
    server,
    pods: new Api(Pod, { client: createClient({ server: server.url }) }),
    /** The upgrade requests, with what they offered. */
    upgrades: () =>
      server.exchanges
        .filter(({ headers }) => headers.upgrade)
        .map(({ path, query, headers }) => ({ path, query, offered: headers["sec-websocket-protocol"] })),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A refused upgrade as it is on the wire. */
export function refusedUpgrade(status: number, body: string): string {
  return `HTTP/1.1 ${status} Refused\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}
