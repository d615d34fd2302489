import { newToken } from "../access.ts";
import type { RequestInfo } from "../request-info.ts";
import { checkFault, checkMatch } from "./check.ts";
import { denialOf } from "./deny.ts";
import type { ExpireFault, Fault, RequestFault, SessionFault } from "./fault.ts";
import { matches, type RequestMatch, type SessionMatch } from "./match.ts";

/** What goes wrong on purpose. Faults that meet the same request come in the order in which they were added. */
export interface Faults {
  /** Throws a TypeError or RangeError for a fault or a match that is none. */
  add(fault: ExpireFault, match?: RequestMatch): ExpireHandle;
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

/** A token that expires, and the one that clients can be given instead. */
export interface ExpireHandle extends FaultHandle {
  /** Good while the fault is there, until a later one lets it expire too. */
  readonly token: string;
}

/** The faults as the server sees them. */
export interface FaultRegistry extends Faults {
  /** The tokens that are good besides the server's own, the oldest first. */
  tokens(): readonly string[];
  /** What a request with this token, or with none, meets; each counted. */
  meet(request: RequestInfo, token: string | undefined): readonly Fault[];
}

interface Entry {
  readonly fault: Fault;
  readonly match: RequestMatch;
  /** What takes the place of a token that has expired. */
  readonly token: string;
  /** How many requests have matched, and how many of them were met. */
  seen: number;
  met: number;
}

/** `asksTwice` is whether a session by WebSocket needs the right to create it besides. */
export function createFaults(asksTwice: boolean): FaultRegistry {
  const entries = new Set<Entry>();

  const tokens = (): string[] =>
    [...entries].filter(({ fault }) => fault.kind === "expire").map((entry) => entry.token);
  /** Whether a token is of the time before a fault that lets it expire. */
  const isOlder = (token: string | undefined, entry: Entry): boolean => {
    const all = tokens();
    return token !== undefined && all.indexOf(token) < all.indexOf(entry.token);
  };

  const meets = (entry: Entry, request: RequestInfo, token: string | undefined): boolean => {
    const { fault, match } = entry;
    if (fault.kind === "expire" && !isOlder(token, entry)) return false;
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
      const entry: Entry = { fault, match, token: newToken(), seen: 0, met: 0 };
      entries.add(entry);
      const remove = (): void => {
        entries.delete(entry);
      };
      const handle: ExpireHandle = {
        get met() {
          return entry.met;
        },
        token: entry.token,
        remove,
        [Symbol.dispose]: remove,
      };
      // Kept out of logs and of JSON.
      return Object.defineProperty(handle, "token", { enumerable: false });
    },
    clear: () => entries.clear(),
    tokens,
    meet(request, token) {
      const found = [...entries].filter((entry) => meets(entry, request, token));
      for (const entry of found) entry.met += 1;
      return found.map(({ fault }) => fault);
    },
  };
}
