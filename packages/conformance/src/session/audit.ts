import type { Bench } from "./bench.ts";

/** What a server, a subprotocol or a transport must be able to do for an audit to say anything about it. */
export type Need = "half-close" | "no half-close" | "status" | "terminals" | "refusals";

/** One sentence about sessions. It uses nothing but the client's public API, and rejects when it does not hold. */
export interface Audit {
  /** Stays when the words change. */
  readonly id: string;
  /** RFC 2119: without a MUST no program can rely on the server, without a SHOULD some cannot. */
  readonly level: "MUST" | "SHOULD";
  readonly says: string;
  readonly needs: readonly Need[];
  run(bench: Bench): Promise<void>;
}

type Run = Audit["run"];

export function must(id: string, says: string, run: Run, ...needs: Need[]): Audit {
  return { id, level: "MUST", says, needs, run };
}

export function should(id: string, says: string, run: Run, ...needs: Need[]): Audit {
  return { id, level: "SHOULD", says, needs, run };
}
