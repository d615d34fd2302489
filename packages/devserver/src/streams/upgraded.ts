import type { Duplex } from "node:stream";
import type { Fault } from "../faults/fault.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";

/** A connection that has left HTTP. */
export interface Upgraded {
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
  /** What goes wrong in it on purpose, behind the wire. */
  readonly faults?: readonly Fault[];
}

/** Begins to write down a session, behind its 101. */
export type BeginSession = (
  connection: Upgraded,
  transport: Session["transport"],
  protocol: string,
) => SessionRecorder;

/** Answers a request whose every check has passed. */
export type Serve = (connection: Upgraded) => void;
