import type { RequestInfo } from "../request-info.ts";
import { checkFault, checkMatch } from "./check.ts";
import { denialOf } from "./deny.ts";
import type { Fault, RequestFault, SessionFault } from "./fault.ts";
import { matches, type RequestMatch, type SessionMatch } from "./match.ts";

/** What goes wrong on purpose. Faults that meet the same request come in the order in which they were added. */
export interface Faults {
  /** Throws a TypeError or RangeError for a fault or a match that is none. */
  add(fault: RequestFault, match?: RequestMatch): FaultHandle;
  add(fault: SessionFault, match?: SessionMatch): FaultHandle;
  /** Removes them all. */
  clear(): void;
}

/** One fault of a server; leaving its `using` block removes it. */
export interface FaultHandle {
  /** How many requests it has met. */
  readonly met: number;
  /** No further request meets it; what it has met goes on with it. Idempotent. */
  remove(): void;
  [Symbol.dispose](): void;
}

/** The faults as the server sees them. */
export interface FaultRegistry extends Faults {
  /** What the request meets, each counted. */
  meet(request: RequestInfo): readonly Fault[];
}

interface Entry {
  readonly fault: Fault;
  readonly match: RequestMatch;
  /** How many requests have matched, and how many of them were met. */
  seen: number;
  met: number;
}

/** `asksTwice` is whether a session by WebSocket needs the right to create it besides. */
export function createFaults(asksTwice: boolean): FaultRegistry {
  const entries = new Set<Entry>();

  const meets = (entry: Entry, request: RequestInfo): boolean => {
    const { fault, match } = entry;
    // What has expired stays so, whoever asks.
    if (fault.kind === "expire" && entry.met > 0) return true;
    if (!matches(fault, match, request)) return false;
    if (fault.kind === "deny" && !denialOf(fault, request, asksTwice)) return false;
    entry.seen += 1;
    return match.nth === undefined ? entry.seen <= (match.times ?? Infinity) : entry.seen === match.nth;
  };

  return {
    add(fault: Fault, match: RequestMatch = {}) {
      checkFault(fault);
      checkMatch(match);
      const entry: Entry = { fault, match, seen: 0, met: 0 };
      entries.add(entry);
      const remove = (): void => {
        entries.delete(entry);
      };
      return {
        get met() {
          return entry.met;
        },
        remove,
        [Symbol.dispose]: remove,
      };
    },
    clear: () => entries.clear(),
    meet(request) {
      const found = [...entries].filter((entry) => meets(entry, request));
      for (const entry of found) entry.met += 1;
      return found.map(({ fault }) => fault);
    },
  };
}
