import type { Status } from "@podwire/codec";
import type { ByteReader, Client } from "./client.ts";
import { createDeadline } from "./deadline.ts";
import { ClientError } from "./errors.ts";
import { httpError, type Query, requestError, respond } from "./request.ts";

/** One change of a watched resource. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly object: { metadata?: { resourceVersion?: string } } };

type RawEvent<T> = WatchEvent<T> | { readonly type: "ERROR"; readonly object: Status };

const longestEventBytes = 16_777_216;

/** Streams changes until the server ends the watch; an ERROR event rejects with the server's Status. */
export async function* watchEvents<T>(
  client: Client,
  path: string,
  query: Query,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent<T>, void> {
  const options = { method: "GET", path, query: { ...query, watch: true } } as const;
  const deadline = createDeadline(
    signal,
    undefined,
    () => new ClientError("TIMEOUT", "unreachable without a limit"),
  );
  let reader: ByteReader | undefined;
  try {
    const response = await respond(client, options, deadline);
    if (!response.body) throw new ClientError("BAD_RESPONSE", `the watch of ${path} has no body`);
    reader = response.body.getReader();
    for await (const line of readLines(reader)) {
      const event = parseEvent<T>(line, path);
      if (event.type === "ERROR") {
        throw httpError(event.object.code ?? 500, JSON.stringify({ kind: "Status", ...event.object }), path);
      }
      yield event;
    }
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : requestError(error, options);
  } finally {
    deadline.dispose();
    await reader?.cancel().catch(() => {});
  }
}

async function* readLines(reader: ByteReader): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      if (end > start) yield text.slice(start, end);
      start = end + 1;
    }
    text = text.slice(start);
    if (text.length > longestEventBytes)
      throw new ClientError("LIMIT_EXCEEDED", "a watch event is over 16 MiB");
  }
}

function parseEvent<T>(line: string, path: string): RawEvent<T> {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ClientError("BAD_RESPONSE", `the watch of ${path} sent a line that is no JSON`, {
      cause,
      body: line.slice(0, 1_024),
    });
  }
}
