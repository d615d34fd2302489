import { apiVersionOf } from "../schema/schema.ts";
import type { ResourceKind } from "./kinds.ts";
import { continueAfter, listOptionsOf } from "./list-options.ts";
import { type KubernetesObject, keyOf } from "./object.ts";
import { selectorOf } from "./selector.ts";
import type { Reader } from "./store.ts";

/** One page of objects, and where the next one starts. */
export interface ObjectList {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubernetesObject[];
}

export function listObjects(
  kind: ResourceKind,
  objects: Reader<KubernetesObject>,
  namespace: string | undefined,
  query: URLSearchParams,
): ObjectList {
  const selects = selectorOf(query, kind.selectable);
  const { after, limit } = listOptionsOf(query, objects.version);
  const found = objects.list(namespace).filter((one) => selects(one) && keyOf(one.metadata) > after);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const remainingItemCount = found.length - items.length;
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata: {
      resourceVersion: String(objects.version),
      ...(remainingItemCount > 0 &&
        last && { continue: continueAfter(keyOf(last.metadata)), remainingItemCount }),
    },
    items,
  };
}
