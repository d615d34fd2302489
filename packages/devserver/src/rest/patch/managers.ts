import { timestamp } from "../../pods/pod.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from "../../schema/json.ts";
import type { Schema } from "../../schema/schema.ts";
import { compare } from "./comparison.ts";
import { fieldSetOf } from "./field-set.ts";
import { difference, fieldsV1Of, type PathSet, pathSetOf, stepsOf, union } from "./path-set.ts";

/** One entry of `metadata.managedFields`: who says which fields, and by what kind of request. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  /** Of an applier absent that has only agreed with what was there. */
  readonly time: string | undefined;
  readonly fields: PathSet;
}

/** Who an object is, is not owned by anybody. */
const unowned = [
  ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields"],
  "resourceVersion",
];
/** What the server fills in, which is owned only by who says it. */
const assigned: Readonly<Record<string, readonly string[]>> = {
  Service: ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "nodePort"],
  Namespace: ["finalizers"],
  Pod: ["preemptionPolicy", "priority", "tolerations"],
};
/** What there is of an object before there is one, as Go's own of a kind begin. */
export const emptyObject: JsonObject = { metadata: {}, spec: { containers: null }, status: {} };

export function managersOf(object: JsonObject): Manager[] {
  return listAt(object, "metadata", "managedFields").flatMap((one) => {
    const operation = textAt(one, "operation");
    if (operation !== "Apply" && operation !== "Update") return [];
    return [
      {
        name: textAt(one, "manager"),
        operation,
        apiVersion: textAt(one, "apiVersion"),
        subresource: textAt(one, "subresource"),
        time: textAt(one, "time") || undefined,
        fields: pathSetOf(objectAt(one, "fieldsV1")),
      },
    ];
  });
}

/** The object with its managers. */
export function withManagers(object: JsonObject, managers: readonly Manager[]): JsonObject {
  const { managedFields: _managedFields, ...metadata } = objectAt(object, "metadata");
  const entries = entriesOf(managers);
  return { ...object, metadata: { ...metadata, ...(entries.length > 0 && { managedFields: entries }) } };
}

/** As `metadata.managedFields`; those who own nothing any more are left out. */
function entriesOf(managers: readonly Manager[]): readonly object[] {
  const orderOf = ({ operation, time = "", name, subresource }: Manager): string =>
    [operation, time, name, subresource].join("\n");
  return managers
    .filter(({ fields }) => fields.size > 0)
    .sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
    .map(({ name, operation, apiVersion, subresource, time, fields }) => ({
      manager: name,
      operation,
      apiVersion,
      ...(time !== undefined && { time }),
      fieldsType: "FieldsV1",
      fieldsV1: fieldsV1Of(fields),
      ...(subresource !== "" && { subresource }),
    }));
}

/** What can be owned of some paths: not who the object is, and of its status and the rest only what is written there. */
export function ownable(paths: PathSet, subresource: string): PathSet {
  return new Set(
    [...paths].filter((path) => {
      const [first, second, third] = stepsOf(path);
      if (first === "f:metadata") return second !== undefined && !unowned.includes(second.slice(2));
      if (first === "f:apiVersion" || first === "f:kind" || first === undefined) return false;
      if (first !== "f:status") return subresource !== "status";
      return subresource === "status" && (second ?? third) !== undefined;
    }),
  );
}

/** Who updates, other than by an apply. */
export interface Updater {
  readonly name: string;
  readonly subresource: string;
}

/**
 * The managers of an object that takes the place of another one, or of none: whoever changes a field owns it, alone.
 * An object that nobody manages is not managed by who changes it; what was sent may have its managers, or `[{}]` for none.
 */
export function updatedManagers(
  { name, subresource }: Updater,
  before: JsonObject | undefined,
  [sent, after]: readonly [sent: JsonObject, after: JsonObject],
  schema: Schema,
): readonly object[] {
  const said = listAt(sent, "metadata", "managedFields");
  const isReset = said.length === 1 && isObject(said[0]) && Object.keys(said[0]).length === 0;
  const given = subresource === "" ? managersOf(sent) : [];
  const managers = isReset ? [] : given.length > 0 || !before ? given : managersOf(before);
  if (before && managers.length === 0) return [];
  const { added, modified, removed } = compare(before ?? emptyObject, after, schema);
  const names = assigned[textAt(after, "kind")] ?? [];
  const theirs = pathSetOf(fieldSetOf(sent, schema));
  const isFilledIn = (path: string): boolean =>
    !theirs.has(path) &&
    stepsOf(path)[0] === "f:spec" &&
    stepsOf(path).some((step) => names.includes(step.slice(2)));
  const taken = ownable(
    new Set([...union(added, modified)].filter((path) => !isFilledIn(path))),
    subresource,
  );
  const apiVersion = textAt(after, "apiVersion");
  const isOwn = (one: Manager): boolean =>
    one.name === name &&
    one.operation === "Update" &&
    one.apiVersion === apiVersion &&
    one.subresource === subresource;
  const left = managers.map((one) => ({
    ...one,
    fields: difference(one.fields, isOwn(one) ? removed : union(added, modified, removed)),
  }));
  if (taken.size === 0) return entriesOf(left);
  const fields = union(left.find(isOwn)?.fields ?? new Set(), taken);
  const own: Manager = { name, operation: "Update", apiVersion, subresource, time: timestamp(), fields };
  return entriesOf([...left.filter((one) => !isOwn(one)), own]);
}

/** The name of who sends a request: what it says, or the first part of its program's. */
export function managerNameOf(query: URLSearchParams, userAgent = ""): string {
  const [program = ""] = userAgent.split("/");
  return query.get("fieldManager") || program.replaceAll(/[^\x20-\x7e]/g, "").slice(0, 128) || "unknown";
}

/** What `kubectl apply` has left in an annotation, for later ones. */
export function lastAppliedOf(object: JsonObject): unknown {
  const text = valueAt(object, [
    "metadata",
    "annotations",
    "kubectl.kubernetes.io/last-applied-configuration",
  ]);
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
