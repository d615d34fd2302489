import type { ServerResponse } from "node:http";
import { badRequest, refusal } from "../status.ts";
import { isOn } from "./routes.ts";
import { type Selector, selectorOf } from "./selector.ts";
import type { Change, Store } from "./store.ts";

/** Streams changes as JSON lines until the client leaves, its time is over or the server ends. */
export function watchPods(
  store: Store,
  namespace: string | undefined,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const selects = selectorOf(query);
  const inScope: Selector = (pod) =>
    (namespace === undefined || pod.metadata.namespace === namespace) && selects(pod);
  const send = (type: string, object: object): void => {
    // The server may have ended it.
    if (response.writableEnded) return;
    // A client that does not read is dropped rather than buffered for without end.
    if (response.writableLength > 16_777_216) response.destroy();
    else response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const tell = ({ type, pod, before }: Change): void => {
    const event = eventOf(type, before !== undefined && inScope(before), inScope(pod));
    if (event) send(event, pod);
  };

  if (isOn(query, "sendInitialEvents")) {
    // Clients list instead, as they do with servers that lack the feature.
    const message = "sendInitialEvents: Forbidden: devserver does not support it: list, then watch";
    throw refusal(422, "Invalid", `ListOptions.meta.k8s.io "" is invalid: ${message}`);
  }
  const seconds = secondsOf(query.get("timeoutSeconds") ?? "");
  const from = versionOf(query.get("resourceVersion") ?? "", store.version);
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  if (from === undefined) for (const pod of store.list(namespace).filter(selects)) send("ADDED", pod);
  const stop = store.follow(from ?? store.version, tell);
  if (!stop) {
    send(
      "ERROR",
      JSON.parse(refusal(410, "Expired", `too old resource version: ${from} (${store.version})`).body),
    );
    response.end();
    return;
  }
  const end = (): void => {
    // Nothing may be written behind the end, which a slow client delays.
    stop();
    response.end();
  };
  const timer = seconds > 0 ? setTimeout(end, Math.min(seconds, 86_400) * 1_000) : undefined;
  response.once("close", () => {
    clearTimeout(timer);
    stop();
  });
}

function secondsOf(text: string): number {
  if (!/^\d*$/.test(text)) throw badRequest(`invalid timeoutSeconds: ${JSON.stringify(text)}`);
  return Number(text);
}

/** Where to start; undefined for "with everything as it is". */
function versionOf(text: string, current: number): number | undefined {
  if (text === "" || text === "0") return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value: ${JSON.stringify(text)}: resourceVersion`);
  const version = Number(text);
  if (version > current)
    throw refusal(504, "Timeout", `Too large resource version: ${version}, current: ${current}`);
  return version;
}

/** A Pod that starts or stops to be selected comes and goes for the one who watches. */
function eventOf(type: Change["type"], was: boolean, is: boolean): Change["type"] | undefined {
  if (type === "MODIFIED" && was !== is) return is ? "ADDED" : "DELETED";
  return is ? type : undefined;
}
