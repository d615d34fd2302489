import { timestamp } from "../../pods/pod.ts";
import { isObject, type JsonObject, textAt } from "../../schema/json.ts";
import { resolve, type Schema } from "../../schema/schema.ts";
import { type Cause, invalid, refusal } from "../../status.ts";
import { compare } from "./comparison.ts";
import {
  childSchemaOf,
  type FieldSet,
  fieldSetOf,
  isAt,
  isGranular,
  listShapeOf,
  printed,
  schemaAt,
  stepOf,
} from "./field-set.ts";
import { type Manager, managersOf } from "./managed-fields.ts";
import { managerNameOf } from "./manager-name.ts";
import { emptyObject, lastAppliedOf, ownable, withManagers } from "./managers.ts";
import {
  difference,
  fieldsV1Of,
  intersection,
  type PathSet,
  pathSetOf,
  stepsOf,
  union,
  withParents,
} from "./path-set.ts";

/** Who applies, and whether what others have applied stands in the way. */
export interface ApplyOptions {
  readonly manager: string;
  readonly force: boolean;
}

export function applyOptionsOf(query: URLSearchParams): ApplyOptions {
  if ((query.get("fieldManager") ?? "") === "") {
    const message = "Required value: is required for apply patch";
    const cause: Cause = { reason: "FieldValueRequired", message, field: "fieldManager" };
    throw invalid("PatchOptions", "", [cause], "meta.k8s.io");
  }
  return { manager: managerNameOf("PatchOptions", query), force: query.get("force") === "true" };
}

/** The name of what an object is managed by that was there before anybody applied it. */
const beforeFirst = "before-first-apply";

/**
 * Server-side apply: fields that are applied are set, fields that the same manager applied before and no longer does go,
 * unless somebody else owns them, and what another one owns and has otherwise is a conflict.
 */
export function apply(
  before: JsonObject | undefined,
  sent: JsonObject,
  schema: Schema,
  { manager: name, force }: ApplyOptions,
): JsonObject {
  const apiVersion = textAt(sent, "apiVersion");
  const live = before ?? {};
  const managers = before ? managersOrFirst(before, apiVersion, schema) : [];
  const isOwn = (one: Manager): boolean => one.name === name && one.operation === "Apply";
  const others = managers.filter((one) => !isOwn(one));
  const previous = managers.find(isOwn);
  const fields = ownable(pathSetOf(fieldSetOf(sent, schema)), "");
  const kept = withParents(union(fields, ...others.map((one) => one.fields)));
  const gone = difference(previous?.fields ?? new Set(), kept);
  const merged = removed(merge(live, sent, schema), fieldsV1Of(gone), schema);
  const object = isObject(merged) ? merged : {};
  const changes = compare(live, object, schema);
  const changed = union(changes.added, changes.modified);
  const allowed = name === "kubectl" ? appliedBefore(live, schema) : new Set<string>();
  const conflicts = others.flatMap((one) =>
    [...difference(intersection(one.fields, changed), allowed)].map((path) => ({ manager: one, path })),
  );
  if (conflicts.length > 0 && !force) throw conflictOf(conflicts);
  const left = others.map((one) => ({
    ...one,
    fields: difference(one.fields, union(changed, changes.removed)),
  }));
  const isSame = before !== undefined && changed.size + changes.removed.size === 0;
  const time = isSame ? previous?.time : timestamp();
  const own: Manager = { name, operation: "Apply", apiVersion, subresource: "", time, fields };
  return withManagers(object, [...left, own]);
}

function managersOrFirst(before: JsonObject, apiVersion: string, schema: Schema): readonly Manager[] {
  const managers = managersOf(before);
  if (managers.length > 0) return managers;
  const { added, modified } = compare(emptyObject, before, schema);
  const fields = ownable(union(added, modified), "");
  return [{ name: beforeFirst, operation: "Update", apiVersion, subresource: "", time: timestamp(), fields }];
}

/** What kubectl has applied by itself, and is still so: it may take that over. */
function appliedBefore(live: JsonObject, schema: Schema): PathSet {
  const last = lastAppliedOf(live);
  if (!isObject(last)) return new Set();
  const { added, modified, removed: lost } = compare(last, live, schema);
  return difference(pathSetOf(fieldSetOf(last, schema)), union(added, modified, lost));
}

function merge(target: unknown, applied: unknown, reference: Schema): unknown {
  const schema = resolve(reference);
  if (isObject(applied) && isGranular(schema)) {
    const fields = Object.entries(applied).map(([name, one]) => [
      name,
      merge(isObject(target) ? target[name] : undefined, one, childSchemaOf(schema, name)),
    ]);
    return { ...(isObject(target) && target), ...Object.fromEntries(fields) };
  }
  const shape = listShapeOf(schema);
  if (!Array.isArray(applied) || !Array.isArray(target) || shape.kind === "atomic") return applied;
  const result: unknown[] = [...target];
  for (const element of applied) {
    const items = schema.items ?? {};
    const step = shape.kind === "map" ? stepOf(element, shape.keys, items) : `v:${JSON.stringify(element)}`;
    const at = result.findIndex((one) => isAt(one, step, schema));
    if (at < 0) result.push(element);
    else result[at] = merge(result[at], element, items);
  }
  return result;
}

function removed(value: unknown, gone: FieldSet, reference: Schema): unknown {
  const schema = resolve(reference);
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown) => {
      const [step] = Object.keys(gone).filter((other) => isAt(one, other, schema));
      const below = step === undefined ? undefined : gone[step];
      if (below === undefined) return [one];
      // An element goes when the element itself was applied, and not only something in it.
      if (Object.keys(below).length === 0 || "." in below) return [];
      return [removed(one, below, schema.items ?? {})];
    });
  }
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = { ...value };
  for (const [step, below] of Object.entries(gone)) {
    const name = step.slice(2);
    if (!(name in result)) continue;
    const rest = removed(result[name], below, schemaAt(schema, step));
    // As Go writes it, what has become empty is not there.
    const isEmpty = JSON.stringify(rest) === "{}" || JSON.stringify(rest) === "[]";
    if (Object.keys(below).length === 0 || isEmpty) delete result[name];
    else result[name] = rest;
  }
  return result;
}

interface Conflict {
  readonly manager: Manager;
  readonly path: string;
}

/** As the real server names them: of who updates with the version. */
function titleOf({ name, operation, apiVersion, subresource }: Manager): string {
  const part = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${part}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}

function conflictOf(conflicts: readonly Conflict[]): Error {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${titleOf(manager)}`,
    field: stepsOf(path).map(printed).join(""),
  }));
  const messages = [...new Set(causes.map(({ message }) => message))].sort();
  const lines = messages.flatMap((message) => [
    `${message.replace("conflict", "conflicts")}:`,
    ...causes.filter((one) => one.message === message).map(({ field }) => `- ${field}`),
  ]);
  const [only] = causes;
  const message =
    only && causes.length === 1
      ? `1 conflict: ${only.message}: ${only.field}`
      : `${causes.length} conflicts: ${lines.join("\n")}`;
  return refusal(409, "Conflict", `Apply failed with ${message}`, { causes });
}
