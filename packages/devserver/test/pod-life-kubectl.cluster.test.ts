import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debugInTerminal } from "./debug-terminal.ts";
import { createKubectl, type Kubectl, kubectls } from "./kubectl.ts";
import { played } from "./kubectl-transcript.ts";
import { podTranscripts } from "./transcripts/index.ts";

describe.each(kubectls)("%s", (program) => {
  let kubectl: Kubectl;

  beforeAll(async () => {
    const path = process.env["KUBECONFIG"];
    if (path === undefined) throw new Error("KUBECONFIG must name the kubeconfig file of a cluster");
    kubectl = await createKubectl(program, await readFile(path, "utf8"));
  });

  afterAll(() => kubectl.remove());

  test.each(podTranscripts)("says of %s what it says of devserver's", async (_subject, transcript) => {
    expect(await played(kubectl, transcript)).toEqual(transcript);
  });

  test("debugs a Pod in a terminal", () => debugInTerminal(program, kubectl));
});
