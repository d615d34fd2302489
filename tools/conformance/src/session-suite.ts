import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, createBench, type SessionTarget } from "./session/bench.ts";
import { allSessionAudits, applies } from "./session-audits.ts";

export interface SessionSuiteOptions extends SessionTarget {
  /** Audits that are known not to hold here, by id, and why; one that does hold fails as stale. */
  readonly expectedFailures?: Readonly<Record<string, string>>;
}

const timeout = 60_000;

/** Attach and exec as their users need them, over one server, one subprotocol and one transport. */
export function sessionSuite(name: string, options: SessionSuiteOptions): void {
  const { expectedFailures = {} } = options;

  describe(name, { timeout }, () => {
    let bench: Bench;

    beforeAll(async () => {
      bench = await createBench(options);
    }, timeout);

    afterAll(async () => {
      await bench.close();
    }, timeout);

    for (const [topic, audits] of Object.entries(allSessionAudits)) {
      describe(topic, () => {
        for (const audit of audits.filter((one) => applies(one, options))) {
          const { id, level, says } = audit;
          const reason = expectedFailures[id];
          if (reason === undefined) test(`${id} · ${level} ${says}`, () => audit.run(bench));
          else {
            test(`${id} · known to fail: ${reason}`, async () => {
              await expect(audit.run(bench)).rejects.toThrow();
            });
          }
        }
      });
    }
  });
}
