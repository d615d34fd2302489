import { expect, test } from "vitest";
import { createClusterKubectl, kubectls } from "./kubectl.ts";
import { played, transcript } from "./kubectl-transcript.ts";

test.each(kubectls)(
  "%s reads from the cluster the transcript that devserver gives",
  async (program) => {
    const kubectl = await createClusterKubectl(program);
    expect(await played(kubectl)).toEqual(transcript);
    await kubectl.remove();
  },
  300_000,
);
