import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { debugInTerminal } from "./debug-terminal.ts";
import { createKubectl, type Kubectl, kubectls } from "./kubectl.ts";
import { played } from "./kubectl-transcript.ts";
import { podTranscripts } from "./transcripts/index.ts";

vi.setConfig({ testTimeout: 120_000 });

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

  test.each(podTranscripts)("says of %s what it says of a real cluster's", async (_subject, transcript) => {
    expect(await played(kubectl, transcript)).toEqual(transcript);
  });

  test("debugs a Pod in a terminal", () => debugInTerminal(program, kubectl));
});
