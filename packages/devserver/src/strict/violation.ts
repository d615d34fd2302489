import type { RequestInfo } from "../request-info.ts";
import { type RuleId, rules } from "./rules.ts";

/** A rule that a client has broken; each is told once a session. */
export interface Violation {
  readonly rule: RuleId;
  /** What the rule says, and where it is from. */
  readonly says: string;
  readonly source: string;
  /** The number of the session, from 1, and how it was asked for. */
  readonly session: number;
  readonly request: RequestInfo;
}

/** Tells each rule once. */
export function createReporter(
  session: number,
  request: RequestInfo,
  report: (violation: Violation) => void,
): (rule: RuleId) => void {
  const told = new Set<RuleId>();
  return (rule) => {
    if (told.has(rule)) return;
    told.add(rule);
    report({ rule, ...rules[rule], session, request });
  };
}
