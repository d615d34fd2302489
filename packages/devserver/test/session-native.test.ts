import { runWithNewerNode } from "@podwire/tools-conformance/newer-node";
import { sessionSuite } from "@podwire/tools-conformance/session-suite";
import { dial } from "@podwire/transport/browser";
import { expect, test } from "vitest";
import { serve } from "./serve.ts";

// Node's own WebSocket, which came with 22. An older Node runs this very file with a newer one.
if (typeof globalThis.WebSocket === "function") runHere();
else {
  test("the suite passes over the native WebSocket of Node 24", { timeout: 300_000 }, async () => {
    expect(await runWithNewerNode("packages/devserver/test/session-native.test.ts")).toBeGreaterThan(50);
  });
}

function runHere(): void {
  const served = serve("session");

  sessionSuite("devserver over v5 through the native WebSocket of Node", {
    config: async () => ({ ...served.server.config, dial }),
    stranger: async (token) => ({ ...served.server.config, token, dial }),
    image: "busybox:1.36",
    protocols: ["v5.channel.k8s.io"],
    terminals: true,
    refusals: false,
  });
}
