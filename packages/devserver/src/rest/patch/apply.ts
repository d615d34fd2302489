import { timestamp } from "../../pods/pod.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt } from "../../schema/json.ts";
import { resolve, type Schema } from "../../schema/schema.ts";
import { type Cause, invalid, refusal } from "../../status.ts";
import {
  childSchemaOf,
  differencesIn,
  type FieldSet,
  fieldSetOf,
  isAt,
  isGranular,
  listShapeOf,
  schemaAt,
  stepOf,
  without,
} from "./field-set.ts";

/** Who applies, and whether what others have applied stands in the way. */
export interface ApplyOptions {
  readonly manager: string;
  readonly force: boolean;
}

export function applyOptionsOf(query: URLSearchParams): ApplyOptions {
  const manager = query.get("fieldManager") ?? "";
  if (manager === "") {
    const message = "Required value: is required for apply patch";
    const cause: Cause = { reason: "FieldValueRequired", message, field: "fieldManager" };
    throw invalid("PatchOptions", "", [cause], "meta.k8s.io");
  }
  return { manager, force: query.get("force") === "true" };
}

/** One applier's entry in `metadata.managedFields`. */
interface Managed {
  readonly manager: string;
  readonly fields: FieldSet;
}

/** The object as it is to be, and who has applied which of its fields. */
export interface Applied {
  readonly object: JsonObject;
  readonly managedFields: readonly object[];
}

/**
 * Server-side apply: fields that are applied are set, fields that the same manager applied before and no longer does go,
 * and what another one has applied differently is a conflict. Only appliers own fields here: updates do not.
 */
export function apply(
  before: JsonObject,
  sent: JsonObject,
  schema: Schema,
  { manager, force }: ApplyOptions,
): Applied {
  const { apiVersion, kind: _kind, metadata: _metadata, ...fields } = sent;
  const metadata = Object.entries(objectAt(sent, "metadata")).filter(([name]) => !identity.includes(name));
  const own = fieldSetOf(
    { ...fields, ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata) }) },
    schema,
  );
  const managed = managedOf(before);
  const others = managed.filter((one) => one.manager !== manager);
  const conflicts = others.flatMap((one) =>
    differencesIn(own, one.fields, [sent, before], schema).map((path) => ({ ...one, path })),
  );
  if (conflicts.length > 0 && !force) throw conflictOf(conflicts);
  const kept =
    conflicts.length > 0 ? others.map((one) => ({ ...one, fields: without(one.fields, own) })) : others;
  const previous = managed.find((one) => one.manager === manager)?.fields ?? {};
  const gone = [own, ...kept.map((one) => one.fields)].reduce(without, previous);
  const merged = merge(removed(before, gone, schema), sent, schema);
  return {
    object: isObject(merged) ? merged : {},
    managedFields: [{ manager, fields: own }, ...kept].map((one) => ({
      manager: one.manager,
      operation: "Apply",
      apiVersion,
      time: timestamp(),
      fieldsType: "FieldsV1",
      fieldsV1: one.fields,
    })),
  };
}

/** Who an object is, is not owned by anybody. */
const identity = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp", "managedFields"];

function managedOf(object: JsonObject): Managed[] {
  return listAt(object, "metadata", "managedFields").map((one) => ({
    manager: textAt(one, "manager"),
    fields: fieldsOf(objectAt(one, "fieldsV1")),
  }));
}

function fieldsOf(value: JsonObject): FieldSet {
  return Object.fromEntries(
    Object.entries(value).map(([step, below]) => [step, fieldsOf(isObject(below) ? below : {})]),
  );
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

function conflictOf(conflicts: readonly { readonly manager: string; readonly path: string }[]): Error {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${JSON.stringify(manager)}`,
    field: path,
  }));
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort();
  const lines = managers.flatMap((manager) => [
    `conflicts with ${JSON.stringify(manager)}:`,
    ...conflicts.filter((one) => one.manager === manager).map(({ path }) => `- ${path}`),
  ]);
  const [only] = causes;
  const message =
    only && causes.length === 1
      ? `1 conflict: ${only.message}: ${only.field}`
      : `${causes.length} conflicts: ${lines.join("\n")}`;
  return refusal(409, "Conflict", `Apply failed with ${message}`, { causes });
}
