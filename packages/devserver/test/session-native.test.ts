import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sessionSuite } from "@podwire/tools-conformance/session-suite";
import { dial } from "@podwire/transport/browser";
import { expect, test } from "vitest";
import { serve } from "./serve.ts";

// Node's own WebSocket, which came with 22. An older Node runs this very file with a newer one.
if (typeof globalThis.WebSocket === "function") runHere();
else test("the suite passes over the native WebSocket of Node 24", { timeout: 300_000 }, runWithNewerNode);

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

async function runWithNewerNode(): Promise<void> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const command = ["-y", "node@24", "node_modules/vitest/vitest.mjs", "run", "--project", "node"];
  const file = "packages/devserver/test/session-native.test.ts";
  const { VITEST: _vitest, NODE_OPTIONS: _options, ...env } = process.env;
  const { error, output } = await new Promise<{ error: Error | null; output: string }>((resolve) => {
    execFile(
      "npx",
      [...command, "--reporter=json", "--no-typecheck", file],
      { cwd: root, env, maxBuffer: 64 * 1024 * 1024 },
      (failure, stdout, stderr) => resolve({ error: failure, output: `${stdout}\n${stderr}` }),
    );
  });
  expect(error, output).toBeNull();
  const passed = Number(/"numPassedTests":(\d+)/.exec(output)?.[1]);
  expect(passed, output).toBeGreaterThan(50);
}
