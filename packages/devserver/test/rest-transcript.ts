import { randomBytes } from "node:crypto";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { valueAt } from "../src/schema/json.ts";
import { playedSession, type Step, visible } from "./session-transcript.ts";

/** One request; what has no body has none. `NAME`, `PORT` and `NOBODY` are the run's own. */
export interface Action {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** A text as it is, anything else as JSON. */
  readonly body?: unknown;
  /** The media type of the body; JSON by default. */
  readonly type?: string;
  readonly accept?: string;
  /** Asks for a WebSocket of this subprotocol; a session is read to its end. */
  readonly protocol?: string;
  /** What the client of the session does; then its answer is a list of frames. */
  readonly steps?: readonly Step[];
  /** A frame of the server that comes or not, as its goroutines will. */
  readonly maySay?: string;
  /** A session that has done its steps before this one begins, and whose end is waited for. */
  readonly beside?: Action;
  /** Asks again until this is in the answer. */
  readonly until?: string;
  /** What of the object is compared besides its kind, by paths. */
  readonly shows?: readonly string[];
}

/** What was answered, without what differs from run to run. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  /** A Status or a text whole; of an object its kind and what the action shows; of a session all bytes, those that are no ASCII as `\\x00`. */
  readonly body: unknown;
  /** What the session beside it was told. */
  readonly beside?: Answered;
}

/** A server to ask. */
export interface RestServer {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
  /** Ports of a Pod where all comes back, and where nobody listens. */
  readonly ports?: { readonly echo: number; readonly nobody: number };
}

/** Asks for all of them, one after the other, and gives the answers by the actions' names. */
export async function answersOf(
  server: RestServer,
  actions: readonly Action[],
): Promise<Record<string, Answered>> {
  const names = namesOf(server);
  const answers: Record<string, Answered> = {};
  for (const action of actions) {
    let answer: Answer | undefined;
    const asked = (async () => {
      for (;;) {
        answer = await answerOf(server, action, names);
        if (answer.text.includes(action.until ?? "")) return answer;
        await pause(50);
      }
    })();
    const late = tooLong(action, () => answer?.text);
    answers[action.id] = answeredOf(action, await Promise.race([asked, late]));
  }
  return answers;
}

/** Says which one it is that hangs, and what was said until then. */
function tooLong({ id }: Action, last: () => string | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const late = (): void =>
      reject(new Error(`${id}: there is no answer after 60 s; the last ended with ${last()?.slice(-900)}`));
    AbortSignal.timeout(60_000).addEventListener("abort", late, { once: true });
  });
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly frames?: readonly string[];
  readonly beside?: Answered;
}

function answeredOf(action: Action, { status, type, text, frames, beside }: Answer): Answered {
  const session = action.steps ? frames?.filter((frame) => frame !== action.maySay) : normalised(text);
  const body = status === 101 ? session : contentOf(text, type, action.shows);
  return { status, type, body, ...(beside && { beside }) };
}

/** Puts what is a run's own into a text, and takes it out again. */
interface Names {
  named(text: string): string;
  unnamed(text: string): string;
  /** The same of a session, which tells of ports in bytes, too. */
  said(text: string): string;
}

function namesOf({ ports }: RestServer): Names {
  const name = `podwire-${randomBytes(4).toString("hex")}`;
  const numbers: [string, number][] = ports
    ? [
        ["PORT", ports.echo],
        ["NOBODY", ports.nobody],
      ]
    : [];
  const unnamed = (text: string): string => text.replaceAll(name, "NAME");
  return {
    named(text) {
      const numbered = numbers.reduce(
        (all, [word, port]) => all.replaceAll(`"${word}"`, word).replaceAll(word, String(port)),
        text,
      );
      return numbered.replaceAll("NAME", name);
    },
    unnamed,
    said(text) {
      const unnumbered = numbers.reduce(
        (all, [word, port]) =>
          all
            .replaceAll(new RegExp(`\\b${port}\\b`, "g"), word)
            .replaceAll(visible(Buffer.from([port & 0xff, port >> 8])), word),
        unnamed(text),
      );
      return normalised(unnumbered);
    },
  };
}

async function answerOf(server: RestServer, action: Action, names: Names): Promise<Answer> {
  const { beside } = action;
  if (!beside) return answerTo(server, action, names);
  let other: Promise<Answer> | undefined;
  await new Promise<void>((resolve, reject) => {
    other = answerTo(server, beside, names, resolve);
    other.catch(reject);
  });
  const answer = await answerTo(server, action, names);
  return { ...answer, ...(other && { beside: answeredOf(beside, await other) }) };
}

async function answerTo(
  server: RestServer,
  action: Action,
  { named, unnamed, said }: Names,
  done = (): void => undefined,
): Promise<Answer> {
  const { method, path, body, type = "application/json", accept = usualAccept(action), steps } = action;
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const url = new URL(server.url + named(path));
  const sent = text === undefined ? undefined : Buffer.from(named(text));
  const headers = {
    accept,
    ...(sent && { "content-type": type, "content-length": sent.byteLength }),
    ...(action.protocol !== undefined && upgradeTo(action.protocol)),
    ...server.headers,
  };
  const ask = url.protocol === "https:" ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const request = ask(url, { method, headers, agent: false, ...server.tls }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const { statusCode = 0, headers: answered } = response;
      const text = unnamed(Buffer.concat(chunks).toString());
      const contentType = answered["content-type"] ?? "";
      resolve({ status: statusCode, type: contentType, text });
    });
    request.once("upgrade", async ({ headers: answered }, socket, head) => {
      const upgraded = { status: 101, type: answered["sec-websocket-protocol"] ?? "" };
      if (steps) {
        playedSession({ socket, head, steps, done, said }).then(
          (frames) => resolve({ ...upgraded, text: "", frames }),
          reject,
        );
        return;
      }
      const chunks = [head];
      for await (const chunk of socket) chunks.push(chunk);
      resolve({ ...upgraded, text: unnamed(visible(Buffer.concat(chunks))) });
    });
    request.once("error", reject);
    request.end(sent);
  });
}

/** A session is none of the media types. */
function usualAccept({ protocol }: Action): string {
  return protocol === undefined ? "application/json" : "*/*";
}

function upgradeTo(protocol: string): Readonly<Record<string, string>> {
  return {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
    "sec-websocket-protocol": protocol,
  };
}

function contentOf(text: string, type: string, shows: readonly string[] = []): unknown {
  if (!type.startsWith("application/json")) return text;
  const content: { readonly kind?: string } = JSON.parse(normalised(text));
  if (content.kind === "Status" || !("kind" in content)) return content;
  // What is not there is null, as it would not be in a file otherwise.
  const shown = shows.map((path) => [path, valueAt(content, path.split(".")) ?? null]);
  return { kind: content.kind, ...Object.fromEntries(shown) };
}

/** Identities, times and numbers of versions are each run's own. */
function normalised(text: string): string {
  return (
    text
      .replaceAll(/(?<!5d3a4f8e)\b(?!5d3a4f8e)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
      .replaceAll(/\b[0-9a-f]{64}\b/g, "ID")
      .replaceAll(/(?<=k:\{\\"ip\\":\\")[^"\\]+/g, "IP")
      // Whether a place has IPv6 is its own, as is the name of its network.
      .replaceAll(/(?<=IPv6 dial tcp6).*(?= $)/g, "FAULT")
      .replaceAll(/(?<=network namespace ")[^"]*/g, "NETWORK")
      .replaceAll(/(?<=ResourceVersion in record \()\d+/g, "VERSION")
      .replaceAll(/(?<=resourceVersion(?:\\*":\\*"))\d+/g, "VERSION")
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME")
  );
}
