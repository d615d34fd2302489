import { afterAll, beforeAll, describe, test } from "vitest";
import { debugInTerminal } from "./debug-terminal.ts";
import { followedUntilInterrupt, followedUntilTheEnd } from "./followed-logs.ts";
import { type Kubectl, kubectls } from "./kubectl.ts";
import { expectSaid, type KubectlServer } from "./kubectl-comparison.ts";
import { runInTerminal, runWithInput } from "./run-terminal.ts";
import { podTranscripts } from "./transcripts/index.ts";
import { watchedRows } from "./watched-rows.ts";

/** What kubectl says of Pods: of devserver's the same as of a real cluster's. */
export function podLifeSuite(server: KubectlServer, create: (program: string) => Promise<Kubectl>): void {
  describe.each(kubectls)("%s", (program) => {
    let kubectl: Kubectl;

    beforeAll(async () => {
      kubectl = await create(program);
    });

    afterAll(() => kubectl.remove());

    test.concurrent.each(podTranscripts)("says of %s what is written down", (_subject, transcript) =>
      expectSaid([program, kubectl, server], transcript),
    );

    test.concurrent("watches Pods come, change and go, a row for each", () => watchedRows(server, kubectl));

    test("debugs a Pod in a terminal", () => debugInTerminal(program, kubectl));

    test("runs a Pod in a terminal, ends as it does, and leaves nothing", () =>
      runInTerminal(program, kubectl));

    test("runs a Pod with its input, ends as it does, and leaves nothing", () => runWithInput(kubectl));

    test("follows the logs of a container that goes on, to its end", () => followedUntilTheEnd(kubectl));

    test("follows the logs of a container until it is interrupted", () => followedUntilInterrupt(kubectl));
  });
}
