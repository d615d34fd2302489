import type { ServerResponse } from "node:http";
import { apiVersionOf } from "../schema/schema.ts";
import { refusal } from "../status.ts";
import type { ResourceKind } from "./kinds.ts";
import { listOptionsOf } from "./list-options.ts";
import type { KubernetesObject } from "./object.ts";
import { type Selector, selectorOf } from "./selector.ts";
import type { Change, Reader } from "./store.ts";

/** How objects are written into events. */
export type EventView = (object: KubernetesObject) => object;

/** A real server sends one each minute or so. */
const bookmarkEveryMs = 60_000;
const bufferBytes = 16_777_216;

/** Streams changes as JSON lines until the client leaves, its time is over or the server ends. */
export function watchObjects(
  kind: ResourceKind,
  objects: Reader<KubernetesObject>,
  namespace: string | undefined,
  query: URLSearchParams,
  response: ServerResponse,
  view: EventView = (object) => object,
): void {
  const selects = selectorOf(query, kind.selectable);
  const { version, timeoutSeconds, bookmarks, initialEvents } = listOptionsOf(query, objects.version);
  const inScope: Selector = (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) && selects(object);
  const send = (type: string, object: object): void => {
    // The server may have ended it.
    if (response.writableEnded) return;
    // A client that does not read is dropped rather than buffered for without end.
    if (response.writableLength > bufferBytes) response.destroy();
    else response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const tell = ({ type, object, before }: Change<KubernetesObject>): void => {
    const event = eventOf(type, before !== undefined && inScope(before), inScope(object));
    if (event) send(event, view(object));
  };
  const bookmark = (at: number, annotations?: Readonly<Record<string, string>>): void => {
    const metadata = { resourceVersion: String(at), ...(annotations && { annotations }) };
    send("BOOKMARK", { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata });
  };

  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  let stop = (): void => {};
  const begin = async (): Promise<void> => {
    // Begins with what is there when asked to, and where no version says what the client has.
    const fromNow = initialEvents ?? (version === undefined || version === 0);
    const from = fromNow ? objects.version : (version ?? objects.version);
    if (fromNow) {
      for (const object of objects.list(namespace).filter(selects)) {
        send("ADDED", view(object));
        // As much as there is, and no faster than it is read.
        if (response.writableNeedDrain) await roomIn(response);
      }
    }
    if (response.destroyed || response.writableEnded) return;
    if (initialEvents && bookmarks) bookmark(from, { "k8s.io/initial-events-end": "true" });
    const following = objects.follow(from, tell);
    if (following) {
      stop = following;
      return;
    }
    send("ERROR", tooOld(from, objects.version));
    response.end();
  };
  void begin();
  const end = (): void => {
    // Nothing may be written behind the end, which a slow client delays.
    stop();
    response.end();
  };
  const marking = bookmarks ? setInterval(() => bookmark(objects.version), bookmarkEveryMs) : undefined;
  const timer = timeoutSeconds > 0 ? setTimeout(end, Math.min(timeoutSeconds, 86_400) * 1_000) : undefined;
  response.once("close", () => {
    clearInterval(marking);
    clearTimeout(timer);
    stop();
  });
}

/** Resolves when a response takes more, or never will. */
function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

function tooOld(version: number, current: number): object {
  return JSON.parse(refusal(410, "Expired", `too old resource version: ${version} (${current})`).body);
}

/** An object that starts or stops to be selected comes and goes for the one who watches. */
function eventOf(type: Change<unknown>["type"], was: boolean, is: boolean): string | undefined {
  if (type === "MODIFIED" && was !== is) return is ? "ADDED" : "DELETED";
  return is ? type : undefined;
}
