import { inspect } from "node:util";
import { dial } from "@podwire/transport/browser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runWithNewerNode } from "../../../tools/conformance/src/newer-node.ts";
import {
  startTransportServer,
  type TransportServer,
} from "../../../tools/conformance/src/transport-server.ts";
import { transportSuite } from "../../../tools/conformance/src/transport-suite.ts";

// Node's own WebSocket, which came with 22. An older Node runs this very file with a newer one.
if (typeof globalThis.WebSocket === "function") runHere();
else {
  test("the suite passes over the native WebSocket of Node 24", { timeout: 180_000 }, async () => {
    expect(await runWithNewerNode("packages/transport/test/native.test.ts")).toBeGreaterThan(80);
  });
}

function runHere(): void {
  let server: TransportServer;
  beforeAll(async () => {
    server = await startTransportServer();
  });
  afterAll(() => server.close());

  transportSuite("the native WebSocket of Node", dial, {
    capabilities: {
      readBackpressure: false,
      headers: false,
      tls: false,
      handshakeError: "none",
      ping: false,
    },
    serverUrl: () => server.url,
    inspect: (value) => inspect(value, { depth: 10, showHidden: true }),
  });
}
