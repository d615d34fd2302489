import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createKubectl, type Kubectl, kubectls } from "./kubectl.ts";
import { played } from "./kubectl-transcript.ts";
import { logsTranscript } from "./logs-kubectl-transcript.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 });

describe.each(kubectls)("%s", (program) => {
  let server: DevServer;
  let kubectl: Kubectl;

  beforeAll(async () => {
    server = await createDevServer({ tls: true });
    kubectl = await createKubectl(program, server.kubeconfig());
  });

  afterAll(async () => {
    await kubectl.remove();
    await server.close();
  });

  test("reads the logs that a real cluster gives", async () => {
    expect(await played(kubectl, logsTranscript)).toEqual(logsTranscript);
  });
});
