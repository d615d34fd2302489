import type { Client } from "./client.ts";
import type { Deadline } from "./deadline.ts";
import { ClientError } from "./errors.ts";
import { request } from "./request.ts";
import type { KubernetesObject, Stored } from "./resources/resource.ts";
import { watchEvents } from "./watch.ts";

const pollMs = 500;

/**
 * Follows one object: its state now, then each later one, undefined once it is gone (and the end then). Where
 * watching is forbidden or ends, it asks again twice a second, also while the API server is away or busy. Rejects when
 * the object cannot be read at all.
 */
export async function* followObject<T extends KubernetesObject>(
  client: Client,
  collection: string,
  name: string,
  deadline: Deadline,
): AsyncGenerator<Stored<T> | undefined, void> {
  const path = `${collection}/${encodeURIComponent(name)}`;
  for (let seen = false; ; seen = true) {
    let object: Stored<T> | undefined;
    try {
      object = await readObject<Stored<T>>(client, path, deadline);
    } catch (error) {
      if (!seen || !isPassing(error)) throw error;
      await deadline.delay(pollMs);
      continue;
    }
    yield object;
    if (!object) return;
    try {
      const query = {
        fieldSelector: `metadata.name=${name}`,
        resourceVersion: object.metadata.resourceVersion,
      };
      for await (const event of watchEvents<Stored<T>>(client, collection, query, deadline)) {
        // A server that ignores the selector speaks of others too.
        if (event.type === "BOOKMARK" || event.object.metadata.name !== name) continue;
        yield event.object;
        if (event.type === "DELETED") {
          yield undefined;
          return;
        }
      }
    } catch (error) {
      if (deadline.signal.aborted || !(error instanceof ClientError)) throw error;
    }
    await deadline.delay(pollMs);
  }
}

/** Whether an API server that has answered before may do so again in a moment: it restarts, or is busy. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof ClientError &&
    (error.code === "CONNECTION_FAILED" ||
      error.code === "SERVER_ERROR" ||
      error.code === "TOO_MANY_REQUESTS")
  );
}

async function readObject<T>(client: Client, path: string, deadline: Deadline): Promise<T | undefined> {
  try {
    return await request<T>(client, { method: "GET", path }, deadline);
  } catch (error) {
    if (error instanceof ClientError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}
