import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
// By its path: a set-up of vitest resolves packages without the conditions of its project.
import { createDevServer, type DevServer } from "../../../packages/devserver/src/index.ts";

/** Gives pages an API server each origin its own, which no other origin may use. */
export interface PageServers {
  /** `GET` from a page of this machine answers with the `config` of its server. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the giver of API servers: until a page asks, nobody knows its origin. */
export async function startPageServers(): Promise<PageServers> {
  const servers = new Map<string, Promise<DevServer>>();
  const giver = createServer(async ({ headers: { origin = "" } }, response) => {
    // Whoever has the config can run commands here.
    if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(origin)) return response.writeHead(403).end();
    const server = servers.get(origin) ?? createDevServer({ allowedOrigins: [origin] });
    servers.set(origin, server);
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.end(JSON.stringify((await server).config));
    return response;
  });
  giver.listen(0, "127.0.0.1");
  await once(giver, "listening");
  const { port } = giver.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      giver.closeAllConnections();
      giver.close();
      for (const server of servers.values()) await (await server).close();
    },
  };
}
