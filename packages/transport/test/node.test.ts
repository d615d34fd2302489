import { inspect } from "node:util";
import { nodeDial } from "@podwire/transport/node";
import { afterAll, beforeAll } from "vitest";
import {
  startTransportServer,
  type TransportServer,
} from "../../../tools/conformance/src/transport-server.ts";
import { transportSuite } from "../../../tools/conformance/src/transport-suite.ts";

let server: TransportServer;
beforeAll(async () => {
  server = await startTransportServer();
});
afterAll(() => server.close());

transportSuite("nodeDial", nodeDial, {
  capabilities: { readBackpressure: true, headers: true, tls: true, handshakeError: "full", ping: true },
  serverUrl: () => server.url,
  inspect: (value) => inspect(value, { depth: 10, showHidden: true }),
});
