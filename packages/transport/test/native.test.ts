import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { dial } from "@podwire/transport/browser";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startTransportServer,
  type TransportServer,
} from "../../../tools/conformance/src/transport-server.ts";
import { transportSuite } from "../../../tools/conformance/src/transport-suite.ts";

// Node's own WebSocket, which came with 22. An older Node runs this very file with a newer one.
if (typeof globalThis.WebSocket === "function") runHere();
else test("the suite passes over the native WebSocket of Node 24", { timeout: 180_000 }, runWithNewerNode);

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

async function runWithNewerNode(): Promise<void> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const vitest = "node_modules/vitest/vitest.mjs";
  const file = "packages/transport/test/native.test.ts";
  const command = [
    "-y",
    "node@24",
    vitest,
    "run",
    "--project",
    "node",
    "--reporter=json",
    "--no-typecheck",
    file,
  ];
  const { VITEST: _vitest, NODE_OPTIONS: _options, ...env } = process.env;
  const { error, output } = await new Promise<{ error: Error | null; output: string }>((resolve) => {
    execFile("npx", command, { cwd: root, env, maxBuffer: 64 * 1024 * 1024 }, (failure, stdout, stderr) =>
      resolve({ error: failure, output: `${stdout}\n${stderr}` }),
    );
  });
  expect(error, output).toBeNull();
  const passed = Number(/"numPassedTests":(\d+)/.exec(output)?.[1]);
  expect(passed, output).toBeGreaterThan(80);
}
