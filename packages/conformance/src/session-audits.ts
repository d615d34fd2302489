import { attachAudits } from "./session/attach.ts";
import type { Audit } from "./session/audit.ts";
import { abilitiesOf, type Bench, createBench, type SessionTarget } from "./session/bench.ts";
import { execAudits } from "./session/exec.ts";
import { inputAudits } from "./session/input.ts";
import { leavingAudits } from "./session/leaving.ts";
import { outputAudits } from "./session/output.ts";
import { refusalAudits } from "./session/refusals.ts";
import { terminalAudits } from "./session/terminal.ts";
import { verifiedAudits } from "./session/verified.ts";

/** Everything there is to say about sessions, by topic. */
export const allSessionAudits: Readonly<Record<string, readonly Audit[]>> = {
  exec: execAudits,
  output: outputAudits,
  input: inputAudits,
  leaving: leavingAudits,
  terminal: terminalAudits,
  refusal: refusalAudits,
  verified: verifiedAudits,
  attach: attachAudits,
};

/** How one audit came out. */
export interface AuditResult extends Pick<Audit, "id" | "level" | "says"> {
  /** Why it does not hold; undefined when it does. */
  readonly failure: unknown;
}

const auditWithinMs = 60_000;

/** Whether an audit says anything about this target. */
export function applies(audit: Audit, target: SessionTarget): boolean {
  const abilities = abilitiesOf(target);
  return audit.needs.every((need) => abilities.includes(need));
}

/** Audits a server of anybody's, one sentence after the other; needs no test runner, and rejects only for no Pod. */
export async function auditSessions(
  target: SessionTarget,
  audits: readonly Audit[] = Object.values(allSessionAudits).flat(),
): Promise<AuditResult[]> {
  const bench = await createBench(target);
  const results: AuditResult[] = [];
  try {
    for (const audit of audits.filter((one) => applies(one, target))) {
      const { id, level, says } = audit;
      const failure: unknown = await inTime(audit, bench).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      results.push({ id, level, says, failure });
    }
  } finally {
    await bench.close();
  }
  return results;
}

async function inTime(audit: Audit, bench: Bench): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it took more than ${auditWithinMs} ms`)), auditWithinMs);
  });
  await Promise.race([audit.run(bench), late]).finally(() => clearTimeout(timer));
}
