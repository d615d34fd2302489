import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClusterKubectl, type Kubectl, kubectls } from "./kubectl.ts";
import { played } from "./kubectl-transcript.ts";
import { objectTranscripts } from "./transcripts/index.ts";

describe.each(kubectls)("%s reads from the cluster what devserver says", (program) => {
  let kubectl: Kubectl;

  beforeAll(async () => {
    kubectl = await createClusterKubectl(program);
  });

  afterAll(() => kubectl.remove());

  test.each(objectTranscripts)(
    "of %s",
    async (_subject, transcript) => {
      expect(await played(kubectl, transcript)).toEqual(transcript);
    },
    300_000,
  );
});
