import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kubectlStreamsSuite } from "./kubectl-streams-suite.ts";
import { type Backends, startBackends } from "./port-backends.ts";

let server: DevServer;
let backends: Backends;
let web: Server;
let http = 0;

beforeAll(async () => {
  backends = await startBackends();
  web = createServer((_request, response) => response.end(Buffer.alloc(3_000_000))).listen(0, "127.0.0.1");
  await once(web, "listening");
  const address = web.address();
  http = typeof address === "object" ? (address?.port ?? 0) : 0;
  server = await createDevServer({ tls: true, strict: true });
});

afterAll(async () => {
  backends.close();
  web.closeAllConnections();
  web.close();
  await server.close();
});

kubectlStreamsSuite({
  kubeconfig: () => server.kubeconfig(),
  script: "sleep 1000",
  ports: () => ({ ...backends.ports, http }),
});

// Behind the suite, whose sessions it is about.
test("kubectl breaks no rule, but that it may be gone before it has answered a Close", () => {
  const others = server.violations.filter(({ rule }) => rule !== "close-answer");
  expect(others.map(({ rule, request }) => [rule, request.subresource, request.protocol])).toEqual([]);
});
