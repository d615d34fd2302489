import type { Duplex } from "node:stream";

/** A connection that has left HTTP. */
export interface Upgraded {
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
}

/** Answers a request whose every check has passed. */
export type Serve = (connection: Upgraded) => void;
