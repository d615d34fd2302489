import { timestamp } from "../../pods/pod.ts";
import { type JsonObject, objectAt, textAt, valueAt } from "../../schema/json.ts";
import { apiVersionOf, type Schema } from "../../schema/schema.ts";
import { resourceKinds } from "../kinds.ts";
import { compare } from "./comparison.ts";
import { fieldSetOf } from "./field-set.ts";
import {
  entriesOf,
  isReset,
  type Manager,
  managersOf,
  orderOf,
  readManagers,
  withEntries,
} from "./managed-fields.ts";
import { difference, type PathSet, pathSetOf, stepsOf, union } from "./path-set.ts";

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

/** The object with its managers. */
export function withManagers(object: JsonObject, managers: readonly Manager[]): JsonObject {
  return { ...object, metadata: withEntries(objectAt(object, "metadata"), entriesOf(managers)) };
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
 * An object that nobody manages is not managed by who changes it; what was sent may name managers, or take them all away.
 */
export function updatedManagers(
  { name, subresource }: Updater,
  before: JsonObject | undefined,
  [sent, after]: readonly [sent: JsonObject, after: JsonObject],
  schema: Schema,
): readonly object[] {
  const managers = isReset(sent) ? [] : managersBefore(subresource, before, sent);
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
  return entriesOf(capped([...left.filter((one) => !isOwn(one)), own]));
}

/** The managers ahead of a change: those that were sent, if they can be read, or those that were there. */
function managersBefore(
  subresource: string,
  before: JsonObject | undefined,
  sent: JsonObject,
): readonly Manager[] {
  const given = subresource === "" ? readManagers(sent) : undefined;
  if ((given ?? []).length === 0) return before ? managersOf(before) : [];
  const kind = textAt(before, "kind");
  // Nothing is known of the fields of versions that there are not.
  const versions = resourceKinds.filter((one) => one.kind === kind).map((one) => apiVersionOf(one));
  return (given ?? []).filter(({ apiVersion }) => versions.includes(apiVersion));
}

const mostUpdaters = 10;
const ancient = "ancient-changes";

/** At most ten that update: what the oldest of them own is put together, for each version. */
function capped(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter(({ operation, fields }) => operation === "Update" && fields.size > 0);
  updaters.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  const put = new Map<string, Manager>();
  let count = updaters.length;
  const kept = updaters.filter((one) => {
    if (count <= mostUpdaters) return true;
    const first = put.get(one.apiVersion);
    if (first) count -= 1;
    const together = first && { name: ancient, subresource: "", fields: union(first.fields, one.fields) };
    put.set(one.apiVersion, { ...one, ...together });
    return false;
  });
  return [...managers.filter(({ operation }) => operation === "Apply"), ...put.values(), ...kept];
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
