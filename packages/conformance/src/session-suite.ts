import { checkExpectedFailures, type ExpectedFailures } from "./expected-failures.ts";
import type { Runner } from "./runner.ts";
import { type Bench, createBench, type SessionTarget } from "./session/bench.ts";
import { expectRejection } from "./session/likeness.ts";
import { allSessionAudits, applies } from "./session-audits.ts";

export interface SessionSuiteOptions extends SessionTarget {
  /** Audits that are known not to hold here, by id, and why; one that does hold fails as stale. */
  readonly expectedFailures?: ExpectedFailures;
}

const timeout = 60_000;

/**
 * Makes a test of every audit: attach and exec as their users need them, over one server, one subprotocol and one transport.
 * Throws a RangeError for an expected failure that is of no audit.
 */
export function sessionSuite(name: string, options: SessionSuiteOptions, runner: Runner): void {
  const { expectedFailures = {} } = options;
  const ids = Object.values(allSessionAudits).flatMap((audits) => audits.map(({ id }) => id));
  checkExpectedFailures(expectedFailures, ids, "audit");
  let bench: Promise<Bench> | undefined;
  // In the first test, which may take longer than a hook.
  const ready = (): Promise<Bench> => {
    bench ??= createBench(options);
    return bench;
  };

  runner.describe(name, () => {
    runner.after(async () => {
      await (await bench?.catch(() => undefined))?.close();
    });
    for (const [topic, audits] of Object.entries(allSessionAudits)) {
      runner.describe(topic, () => {
        for (const audit of audits.filter((one) => applies(one, options))) {
          const { id, level, says } = audit;
          const reason = expectedFailures[id];
          if (reason === undefined) {
            runner.test(`${id} · ${level} ${says}`, { timeout }, async () => audit.run(await ready()));
          } else {
            runner.test(`${id} · known to fail: ${reason}`, { timeout }, async () => {
              const running = await ready();
              await expectRejection(audit.run(running), {});
            });
          }
        }
      });
    }
  });
}
