import type { Pod } from "../pods/pod.ts";
import { badRequest } from "../status.ts";
import { selectorOf } from "./selector.ts";
import { keyOf, type Store } from "./store.ts";

/** One page of Pods, and where the next one starts. */
export function listPods(store: Store, namespace: string | undefined, query: URLSearchParams): object {
  const selects = selectorOf(query);
  const limit = limitOf(query.get("limit") ?? "");
  const after = startOf(query.get("continue") ?? "");
  const pods = store.list(namespace).filter((pod) => selects(pod) && keyOfPod(pod) > after);
  const items = pods.slice(0, limit);
  const last = items.at(-1);
  const more = pods.length - items.length;
  return {
    kind: "PodList",
    apiVersion: "v1",
    metadata: {
      resourceVersion: String(store.version),
      ...(more > 0 &&
        last && { continue: Buffer.from(keyOfPod(last)).toString("base64url"), remainingItemCount: more }),
    },
    items,
  };
}

function keyOfPod({ metadata }: Pod): string {
  return keyOf(metadata.namespace, metadata.name);
}

function limitOf(text: string): number {
  if (text === "" || text === "0") return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid limit: ${JSON.stringify(text)}`);
  return Number(text);
}

function startOf(text: string): string {
  const key = Buffer.from(text, "base64url").toString();
  if (text !== "" && !key.includes("/")) throw badRequest("continue key is not valid");
  return key;
}
