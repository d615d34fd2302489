import type { ResourceKind } from "../kinds.ts";
import type { KubernetesObject } from "../object.ts";
import { columnsOf } from "./columns.ts";

/** What goes with a row: nothing, the metadata, or the whole object. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableOptions {
  readonly apiVersion: string;
  readonly include: IncludeObject;
  /** The events of a watch say only at first what their columns are. */
  readonly headers?: boolean;
}

/** Objects as `kubectl get` prints them: the server alone knows what the columns of a kind are. */
export function tableOf(
  kind: ResourceKind,
  objects: readonly KubernetesObject[],
  metadata: object,
  { apiVersion, include, headers = true }: TableOptions,
): object {
  const columns = columnsOf(kind);
  return {
    kind: "Table",
    apiVersion,
    metadata,
    columnDefinitions: headers
      ? columns.map(({ name, type = "string", wide = false }) => ({
          name,
          type,
          format: name === "Name" ? "name" : "",
          description: "",
          priority: wide ? 1 : 0,
        }))
      : null,
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: includedOf(object, include),
    })),
  };
}

/** An object without what makes it that of its kind. */
export function partialOf({ metadata }: KubernetesObject): object {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

function includedOf(object: KubernetesObject, include: IncludeObject): object | null {
  if (include === "Object") return object;
  return include === "None" ? null : partialOf(object);
}
