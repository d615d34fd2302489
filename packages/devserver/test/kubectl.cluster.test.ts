import { afterAll, beforeAll, describe, test } from "vitest";
import { createClusterKubectl, type Kubectl, kubectls } from "./kubectl.ts";
import { expectSaid } from "./kubectl-comparison.ts";
import { objectTranscripts } from "./transcripts/index.ts";

describe.each(kubectls)("%s reads from the cluster what devserver says", (program) => {
  let kubectl: Kubectl;

  beforeAll(async () => {
    kubectl = await createClusterKubectl(program);
  });

  afterAll(() => kubectl.remove());

  test.concurrent.each(objectTranscripts)(
    "of %s",
    async (_subject, transcript) => {
      await expectSaid([program, kubectl, "cluster"], transcript);
    },
    300_000,
  );
});
