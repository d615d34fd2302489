import { DevServerError } from "../errors.ts";
import { type OutputChannel, stdout } from "../streams/channels.ts";
import type { SessionEnd } from "../streams/session-status.ts";
import type { Waiting, WaitOptions } from "../waiting.ts";
import { type ByteRecorder, createByteRecorder } from "./recorded-bytes.ts";
import type { PortConnection, Session, SessionOutcome, TerminalSize } from "./session.ts";

/** What a client asked for. */
export type SessionAsked = Pick<Session, "container" | "command" | "streams" | "tty">;

/** What is known of a session when it begins. */
export type SessionFacts = SessionAsked &
  Pick<Session, "number" | "subresource" | "namespace" | "pod" | "transport" | "protocol" | "headers">;

/** Writes down one session. */
export interface SessionRecorder {
  readonly session: Session;
  readonly keptBytes: number;
  stdin(bytes: Uint8Array): void;
  stdinEnd(): void;
  resize(width: number, height: number): void;
  sent(channel: OutputChannel, bytes: Uint8Array): void;
  /** A connection to a port begins. */
  connect(port: number): ConnectionRecorder;
  finish(end: SessionEnd): void;
  /** The connection is over; what ended before is what counts. */
  gone(): void;
}

export interface ConnectionRecorder {
  received(bytes: Uint8Array): void;
  sent(bytes: Uint8Array): void;
  end(failure?: string): void;
}

const keptSizes = 1_000;
const keptConnections = 1_000;

/** `room` says how many of some bytes may be kept, of all sessions. */
export function createSessionRecorder(
  facts: SessionFacts,
  waiting: Waiting,
  room: (byteLength: number) => number,
): SessionRecorder {
  let keptBytes = 0;
  const keep = (byteLength: number): number => {
    const length = room(byteLength);
    keptBytes += length;
    return length;
  };
  const [input, output, errors] = [keep, keep, keep].map(createByteRecorder);
  if (!input || !output || !errors) throw new TypeError("there are three recorders");
  /** What clients send: stdin, or to ports. */
  const inputs: ByteRecorder[] = [input];
  const sizes: TerminalSize[] = [];
  const connections: PortConnection[] = [];
  let stdinEnded = false;
  let outcome: SessionOutcome | undefined;
  let settle: (outcome: SessionOutcome) => void = () => undefined;
  const ended = new Promise<SessionOutcome>((resolve) => {
    settle = resolve;
  });
  const end = (how: SessionOutcome): void => {
    if (outcome) return;
    outcome = how;
    settle(how);
    waiting.changed();
  };

  const until = (
    condition: (session: Session) => boolean,
    what: () => string,
    options?: WaitOptions,
  ): Promise<void> =>
    waiting
      .until(
        () => `${what()}; it ${shortOf(session)}`,
        () => {
          if (condition(session)) return true;
          if (!outcome) return undefined;
          throw new DevServerError(
            "SESSION_ENDED",
            `session ${facts.number} ended before ${what()}; it ${shortOf(session)}`,
          );
        },
        options,
      )
      .then(() => undefined);

  const session: Session = {
    ...facts,
    stdin: input,
    stdout: output,
    stderr: errors,
    get stdinEnded() {
      return stdinEnded;
    },
    get sizes() {
      return [...sizes];
    },
    get connections() {
      return [...connections];
    },
    get outcome() {
      return outcome;
    },
    ended,
    received(what, options) {
      const isThere = matcherOf(what);
      const shown =
        what instanceof Uint8Array
          ? `${what.byteLength} bytes`
          : String(what instanceof RegExp ? what : JSON.stringify(what));
      return until(
        () => inputs.some((one) => isThere(one.view())),
        () => `it received ${shown}`,
        options,
      );
    },
    until: (condition, options) => until(condition, () => "the condition held", options),
  };

  return {
    session,
    get keptBytes() {
      return keptBytes;
    },
    stdin(bytes) {
      input.push(bytes);
      waiting.changed();
    },
    stdinEnd() {
      stdinEnded = true;
      waiting.changed();
    },
    resize(width, height) {
      sizes.push({ width, height });
      if (sizes.length > keptSizes) sizes.shift();
      waiting.changed();
    },
    sent(channel, bytes) {
      if (outcome) return;
      (channel === stdout ? output : errors).push(bytes);
      waiting.changed();
    },
    connect(port) {
      const [received, sent] = [createByteRecorder(keep), createByteRecorder(keep)];
      let over = false;
      let failure: string | undefined;
      if (connections.length < keptConnections) {
        inputs.push(received);
        connections.push({
          port,
          received,
          sent,
          get ended() {
            return over;
          },
          get failure() {
            return failure;
          },
        });
      }
      waiting.changed();
      return {
        received(bytes) {
          received.push(bytes);
          waiting.changed();
        },
        sent(bytes) {
          sent.push(bytes);
          waiting.changed();
        },
        end(why) {
          over = true;
          failure = why;
          waiting.changed();
        },
      };
    },
    finish: (how) => end(outcomeOf(how, facts.subresource)),
    gone: () => end({ kind: "left" }),
  };
}

function outcomeOf(end: SessionEnd, subresource: Session["subresource"]): SessionOutcome {
  if (end.kind === "exit") return { kind: "exited", code: end.code };
  if (end.kind === "success")
    return subresource === "exec" ? { kind: "exited", code: 0 } : { kind: "finished" };
  return { kind: "failed", message: end.why };
}

function matcherOf(what: string | Uint8Array | RegExp): (bytes: Buffer) => boolean {
  // Unlike `test`, `search` forgets where a global expression was.
  if (what instanceof RegExp) return (bytes) => bytes.toString().search(what) >= 0;
  const wanted = Buffer.from(what);
  return (bytes) => bytes.includes(wanted);
}

/** What to know of a session that is not as it should be. */
function shortOf({ stdin, connections, outcome }: Session): string {
  const inputs = [stdin, ...connections.map(({ received }) => received)];
  const received = inputs.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const text = inputs
    .map((one) => one.text())
    .join("")
    .slice(0, 200);
  const how = outcome
    ? `and ${outcome.kind === "exited" ? `exited with code ${outcome.code}` : outcome.kind}`
    : "so far";
  return `received ${received} bytes${text === "" ? "" : `, ${JSON.stringify(text)}`}, ${how}`;
}
