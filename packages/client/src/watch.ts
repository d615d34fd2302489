import type { Status } from "@podwire/codec";
import type { Client } from "./client.ts";
import type { Deadline } from "./deadline.ts";
import { ClientError } from "./errors.ts";
import { httpError } from "./http-error.ts";
import type { Query } from "./query.ts";
import { type Answer, hasMetadata, isObject, parseJson, readText, respond } from "./request.ts";

/** One change of a watched resource. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly object: { metadata?: { resourceVersion?: string } } };

type RawEvent<T> = WatchEvent<T> | { readonly type: "ERROR"; readonly object: Status };

const longestEvent = 16_777_216;

/** Streams changes until the server ends the watch; an ERROR event rejects with the server's Status. */
export async function* watchEvents<T>(
  client: Client,
  path: string,
  query: Query,
  deadline: Deadline,
): AsyncGenerator<WatchEvent<T>, void> {
  const what = `the watch of ${path}`;
  const { body, quote } = await respond(
    client,
    { method: "GET", path, query: { ...query, watch: true } },
    deadline,
  );
  let text = "";
  for await (const part of readText(body, what, deadline)) {
    const lines = (text + part).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line) yield eventOf<T>(line, what, quote);
    if (text.length > longestEvent)
      throw new ClientError("LIMIT_EXCEEDED", `${what} sent an event over 16 MiB`);
  }
  if (text) yield eventOf<T>(text, what, quote);
}

function eventOf<T>(line: string, what: string, quote: Answer["quote"]): WatchEvent<T> {
  const event = parseJson<RawEvent<T>>(line, what, quote, isEvent);
  if (event.type !== "ERROR") return event;
  const { code = 500 } = event.object;
  throw httpError(code, quote(JSON.stringify({ kind: "Status", ...event.object })), what);
}

function isEvent(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value["type"] === "ERROR") return isObject(value["object"]);
  return /^(ADDED|MODIFIED|DELETED|BOOKMARK)$/.test(String(value["type"])) && hasMetadata(value["object"]);
}
