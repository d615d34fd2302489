import type { Served } from "./serve.ts";

interface RecordedEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly name: string; readonly fieldPath?: string };
}

const path = "/api/v1/namespaces/default/events";

/** The first event of a Pod that is so, as soon as there is one. */
export async function eventOf(
  { requests }: Served,
  pod: string,
  isSo: (event: RecordedEvent) => boolean,
): Promise<RecordedEvent> {
  const query = `fieldSelector=involvedObject.name%3D${pod}`;
  for await (const { object } of requests.watch<RecordedEvent>(query, path)) {
    if (isSo(object)) return object;
  }
  throw new Error("the watch has ended");
}
