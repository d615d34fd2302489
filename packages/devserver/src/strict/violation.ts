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

/** What clients have done against the protocol, as far as it is kept. */
export interface Violations {
  /** The first ones. */
  readonly kept: readonly Violation[];
  /** How many there have been. */
  readonly count: number;
  add(violation: Violation): void;
}

const longestList = 1_000;
/** What their requests may have together, as the command of an exec is in its URL. */
const keptCharacters = 4_194_304;

export function createViolations(): Violations {
  const kept: Violation[] = [];
  let count = 0;
  let characters = 0;
  return {
    kept,
    get count() {
      return count;
    },
    add(violation) {
      count += 1;
      const { path, query } = violation.request;
      characters += path.length + query.toString().length;
      if (kept.length < longestList && characters <= keptCharacters) kept.push(violation);
    },
  };
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
