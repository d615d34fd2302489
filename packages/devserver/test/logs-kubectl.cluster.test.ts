import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createKubectl, kubectls } from "./kubectl.ts";
import { played } from "./kubectl-transcript.ts";
import { logsTranscript } from "./logs-kubectl-transcript.ts";

test.each(kubectls)(
  "%s reads from the cluster the logs that devserver gives",
  async (program) => {
    const path = process.env["KUBECONFIG"];
    if (path === undefined) throw new Error("KUBECONFIG must name the kubeconfig file of a cluster");
    const kubectl = await createKubectl(program, await readFile(path, "utf8"));
    expect(await played(kubectl, logsTranscript)).toEqual(logsTranscript);
    await kubectl.remove();
  },
  300_000,
);
