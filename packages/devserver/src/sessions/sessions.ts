import type { IncomingMessage } from "node:http";
import { DevServerError } from "../errors.ts";
import { createWaiting, type WaitOptions } from "../waiting.ts";
import { headersWithoutSecrets } from "./request-headers.ts";
import type { Session } from "./session.ts";
import { createSessionRecorder, type SessionFacts, type SessionRecorder } from "./session-recorder.ts";

/** Which session is meant: the one for which all that is given holds. */
export interface SessionFilter {
  readonly subresource?: Session["subresource"];
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly where?: (session: Session) => boolean;
}

/** What clients did in their sessions. Iterating goes through all of them, also those to come, until the server closes. */
export interface Sessions extends AsyncIterable<Session> {
  /** Those that are kept, in the order in which they began: the last 1,000, and of all 64 MiB. */
  readonly all: readonly Session[];
  /** The first one that matches and was not answered by `next` before; waits for it where it has not begun. */
  next(filter?: SessionFilter, options?: WaitOptions): Promise<Session>;
}

/** The sessions as the server sees them. */
export interface SessionRegistry extends Sessions {
  /** The number of a request that may become a session, from 1 on. */
  numberOf(request: IncomingMessage): number;
  begin(request: IncomingMessage, facts: Omit<SessionFacts, "number" | "headers">): SessionRecorder;
  close(): void;
}

const keptSessions = 1_000;
const keptBytes = 67_108_864;

export function createSessions(tokens: () => readonly string[]): SessionRegistry {
  const waiting = createWaiting();
  const answered = new WeakSet<Session>();
  const recorders: SessionRecorder[] = [];
  const numbers = new WeakMap<IncomingMessage, number>();
  let lastNumber = 0;
  let kept = 0;

  const numberOf = (request: IncomingMessage): number => {
    const number = numbers.get(request) ?? ++lastNumber;
    numbers.set(request, number);
    return number;
  };

  const forgetFirst = (): void => {
    kept -= recorders.shift()?.keptBytes ?? 0;
  };
  const roomFor =
    (recorder: () => SessionRecorder) =>
    (byteLength: number): number => {
      // What was forgotten keeps nothing more, and nobody is forgotten for himself.
      if (!recorders.includes(recorder())) return 0;
      while (kept + byteLength > keptBytes && recorders[0] !== recorder()) forgetFirst();
      const length = Math.min(byteLength, keptBytes - kept);
      kept += length;
      return length;
    };
  const filtered = ({ subresource, namespace, pod, container, where = () => true }: SessionFilter) => {
    const given = Object.entries({ subresource, namespace, pod, container }).filter(
      ([, value]) => value !== undefined,
    );
    return (session: Session): boolean =>
      given.every(([name, value]) => Reflect.get(session, name) === value) && where(session);
  };

  return {
    get all() {
      return recorders.map(({ session }) => session);
    },
    next(filter = {}, options) {
      const matches = filtered(filter);
      const find = (): Session | undefined => {
        const found = recorders.find(({ session }) => !answered.has(session) && matches(session))?.session;
        if (found) answered.add(found);
        return found;
      };
      const { where: _where, ...shown } = filter;
      const what = () =>
        `a session began that is ${JSON.stringify(shown)}${filter.where ? " and where the condition holds" : ""}; ${recorders.length} are there`;
      return waiting.until(what, find, options);
    },
    async *[Symbol.asyncIterator]() {
      let last = 0;
      for (;;) {
        const find = () => recorders.find(({ session }) => session.number > last)?.session;
        try {
          const session = await waiting.until(() => "a session began", find, { timeoutMs: Infinity });
          last = session.number;
          yield session;
        } catch (error) {
          if (error instanceof DevServerError && error.code === "CLOSED") return;
          throw error;
        }
      }
    },
    numberOf,
    begin(request, asked) {
      const headers = headersWithoutSecrets(request.headers, tokens());
      const facts: SessionFacts = { number: numberOf(request), ...asked, headers };
      const recorder: SessionRecorder = createSessionRecorder(
        facts,
        waiting,
        roomFor(() => recorder),
      );
      recorders.push(recorder);
      if (recorders.length > keptSessions) forgetFirst();
      waiting.changed();
      return recorder;
    },
    close: waiting.close,
  };
}
