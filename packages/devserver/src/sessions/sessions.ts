import type { IncomingMessage } from "node:http";
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
  /** In the order in which they began. */
  const recorders = new Set<SessionRecorder>();
  const numbers = new WeakMap<IncomingMessage, number>();
  let lastNumber = 0;
  let kept = 0;

  const numberOf = (request: IncomingMessage): number => {
    const number = numbers.get(request) ?? ++lastNumber;
    numbers.set(request, number);
    return number;
  };

  const forgetFirst = (): void => {
    const [first] = recorders;
    if (!first) return;
    kept -= first.keptBytes;
    recorders.delete(first);
  };
  const isFirst = (recorder: SessionRecorder): boolean => {
    const [first] = recorders;
    return first === recorder;
  };
  const roomFor =
    (recorder: () => SessionRecorder) =>
    (byteLength: number): number => {
      // What was forgotten keeps nothing more, and nobody is forgotten for himself.
      if (!recorders.has(recorder())) return 0;
      while (kept + byteLength > keptBytes && !isFirst(recorder())) forgetFirst();
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
      return [...recorders].map(({ session }) => session);
    },
    next(filter = {}, options) {
      const matches = filtered(filter);
      const find = (): Session | undefined => {
        const found = [...recorders].find(
          ({ session }) => !answered.has(session) && matches(session),
        )?.session;
        if (found) answered.add(found);
        return found;
      };
      const { where: _where, ...shown } = filter;
      const what = () =>
        `a session began that is ${JSON.stringify(shown)}${filter.where ? " and where the condition holds" : ""}; ${recorders.size} are there`;
      return waiting.until(what, find, options);
    },
    async *[Symbol.asyncIterator]() {
      let last = 0;
      const find = () => [...recorders].find(({ session }) => session.number > last)?.session;
      for await (const session of waiting.each(find)) {
        last = session.number;
        yield session;
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
      recorders.add(recorder);
      if (recorders.size > keptSessions) forgetFirst();
      waiting.changed();
      return recorder;
    },
    close: waiting.close,
  };
}
