import { randomBytes } from "node:crypto";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";

/** One request; what has no body has none. */
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
  /** Asks again until this is in the answer. */
  readonly until?: string;
}

/** What was answered, without what differs from run to run. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  /** A Status or a text whole; of an object its kind; of a session all bytes, those that are no ASCII as `\\x00`. */
  readonly body: unknown;
}

/** A server to ask. */
export interface RestServer {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
}

/** Asks for all of them, one after the other, and gives the answers by the actions' names. */
export async function answersOf(
  server: RestServer,
  actions: readonly Action[],
): Promise<Record<string, Answered>> {
  const name = `podwire-${randomBytes(4).toString("hex")}`;
  const answers: Record<string, Answered> = {};
  for (const action of actions) {
    let answer = await answerOf(server, action, name);
    while (!answer.text.includes(action.until ?? "")) answer = await answerOf(server, action, name);
    const { status, type, text } = answer;
    answers[action.id] = { status, type, body: status === 101 ? normalised(text) : contentOf(text, type) };
  }
  return answers;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function answerOf(server: RestServer, action: Action, name: string): Promise<Answer> {
  const named = (text: string): string => text.replaceAll("NAME", name);
  const { method, path, body, type = "application/json", accept = usualAccept(action) } = action;
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
      const said = Buffer.concat(chunks).toString().replaceAll(name, "NAME");
      const contentType = answered["content-type"] ?? "";
      resolve({ status: statusCode, type: contentType, text: said });
    });
    request.once("upgrade", async ({ headers: answered }, socket, head) => {
      const chunks = [head];
      for await (const chunk of socket) chunks.push(chunk);
      const text = visible(Buffer.concat(chunks)).replaceAll(name, "NAME");
      resolve({ status: 101, type: answered["sec-websocket-protocol"] ?? "", text });
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

function visible(bytes: Buffer): string {
  return [...bytes]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, "0")}` : String.fromCharCode(byte),
    )
    .join("");
}

function contentOf(text: string, type: string): unknown {
  if (!type.startsWith("application/json")) return text;
  const content: { readonly kind?: string } = JSON.parse(normalised(text));
  return content.kind === "Status" || !("kind" in content) ? content : { kind: content.kind };
}

/** Identities, times and numbers of versions are each run's own. */
function normalised(text: string): string {
  return text
    .replaceAll(/(?<!5d3a4f8e)\b(?!5d3a4f8e)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
    .replaceAll(/\b[0-9a-f]{64}\b/g, "ID")
    .replaceAll(/(?<=ResourceVersion in record \()\d+/g, "VERSION")
    .replaceAll(/(?<=resourceVersion(?:\\*":\\*"))\d+/g, "VERSION")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME");
}
