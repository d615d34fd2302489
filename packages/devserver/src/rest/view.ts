import type { ResourceKind } from "./kinds.ts";
import type { ObjectList } from "./list.ts";
import type { Format } from "./negotiation.ts";
import type { KubernetesObject } from "./object.ts";
import { type IncludeObject, partialOf, tableOf } from "./table/table.ts";
import type { EventView } from "./watch.ts";

/** How the objects of one request are written: as they are, as tables, or their metadata alone. */
export interface View {
  object(object: KubernetesObject): object;
  list(list: ObjectList): object;
  /** For the events of one watch. */
  event: EventView;
}

export function createView(kind: ResourceKind, { as, apiVersion }: Format, query: URLSearchParams): View {
  if (as === "PartialObjectMetadata") {
    return {
      object: partialOf,
      event: partialOf,
      list: ({ metadata, items }) => ({
        kind: "PartialObjectMetadataList",
        apiVersion,
        metadata,
        items: items.map(partialOf),
      }),
    };
  }
  if (as !== "Table") return { object: (one) => one, list: (list) => list, event: (one) => one };
  const include = includeOf(query.get("includeObject"));
  const table = (object: KubernetesObject, headers: boolean): object => {
    const { resourceVersion } = object.metadata;
    return tableOf(kind, [object], { resourceVersion }, { apiVersion, include, headers });
  };
  let first = true;
  return {
    object: (object) => table(object, true),
    list: ({ metadata, items }) => tableOf(kind, items, metadata, { apiVersion, include }),
    event(object) {
      const headers = first;
      first = false;
      return table(object, headers);
    },
  };
}

function includeOf(value: string | null): IncludeObject {
  return value === "None" || value === "Object" ? value : "Metadata";
}
