import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debugInTerminal } from "./debug-terminal.ts";
import { followedUntilInterrupt, followedUntilTheEnd } from "./followed-logs.ts";
import { type Kubectl, kubectls } from "./kubectl.ts";
import { played } from "./kubectl-transcript.ts";
import { runInTerminal, runWithInput } from "./run-terminal.ts";
import { podTranscripts } from "./transcripts/index.ts";

/** What kubectl says of Pods: of devserver's the same as of a real cluster's. */
export function podLifeSuite(create: (program: string) => Promise<Kubectl>): void {
  describe.each(kubectls)("%s", (program) => {
    let kubectl: Kubectl;

    beforeAll(async () => {
      kubectl = await create(program);
    });

    afterAll(() => kubectl.remove());

    test.each(podTranscripts)("says of %s what is written down", async (_subject, transcript) => {
      expect(await played(kubectl, transcript)).toEqual(transcript);
    });

    test("debugs a Pod in a terminal", () => debugInTerminal(program, kubectl));

    test("runs a Pod in a terminal, ends as it does, and leaves nothing", () =>
      runInTerminal(program, kubectl));

    test("runs a Pod with its input, ends as it does, and leaves nothing", () => runWithInput(kubectl));

    test("follows the logs of a container that goes on, to its end", () => followedUntilTheEnd(kubectl));

    test("follows the logs of a container until it is interrupted", () => followedUntilInterrupt(kubectl));
  });
}
