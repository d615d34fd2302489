import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject } from "../../schema/json.ts";
import { resolve, type Schema } from "../../schema/schema.ts";
import { badRequest } from "../../status.ts";

const directive = "$patch";
const retain = "$retainKeys";
const deletion = "$deleteFromPrimitiveList/";
const ordering = "$setElementOrder/";

/**
 * Kubernetes' own patch: a merge patch whose lists are merged too, where their schema names the key of their elements,
 * and whose directives can replace, delete and order.
 */
export function strategicMergePatch(target: JsonObject, patch: unknown, schema: Schema): JsonObject {
  if (!isObject(patch)) throw badRequest("the body is not a strategic merge patch: it must be an object");
  return mergeObject(target, patch, schema) ?? {};
}

/** Undefined when the patch takes the object away. */
function mergeObject(target: JsonObject, patch: JsonObject, reference: Schema): JsonObject | undefined {
  const schema = resolve(reference);
  const { [directive]: how, ...fields } = patch;
  if (how === "delete") return undefined;
  if (how !== undefined && how !== "replace" && how !== "merge") {
    throw badRequest(
      `Unknown patch type: ${JSON.stringify(how)}: ${directive} must be replace, merge or delete`,
    );
  }
  if (how === "replace") return fields;
  const result: Record<string, unknown> = retained(target, fields[retain]);
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith("$")) continue;
    const field = fieldOf(schema, name);
    if (value === null) delete result[name];
    else if (isObject(value)) {
      const before = result[name];
      const merged = mergeObject(isObject(before) ? before : {}, value, field);
      if (merged === undefined) delete result[name];
      else result[name] = merged;
    } else if (Array.isArray(value)) result[name] = mergeList(listOf(result[name]), value, field);
    else result[name] = value;
  }
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(deletion)) {
      const list = name.slice(deletion.length);
      result[list] = listOf(result[list]).filter((one) => !listOf(value).includes(one));
    } else if (name.startsWith(ordering)) {
      const list = name.slice(ordering.length);
      if (!(list in result)) continue;
      const patched = listOf(fields[list]);
      result[list] = ordered(listOf(result[list]), listOf(value), patched, keyOf(fieldOf(schema, list)));
    }
  }
  return result;
}

/** `$retainKeys` names the only fields that may stay. */
function retained(target: JsonObject, keys: unknown): Record<string, unknown> {
  if (keys === undefined) return { ...target };
  return Object.fromEntries(Object.entries(target).filter(([name]) => listOf(keys).includes(name)));
}

function mergeList(target: readonly unknown[], patch: readonly unknown[], field: Schema): readonly unknown[] {
  const isReplaced = patch.some(
    (one) => isObject(one) && one[directive] === "replace" && Object.keys(one).length === 1,
  );
  const changes = patch.filter(
    (one) => !(isObject(one) && isDeepStrictEqual(one, { [directive]: "replace" })),
  );
  if (isReplaced || !isMerged(field)) return changes;
  const key = keyOf(field);
  // Of texts and numbers, those that are not there yet.
  if (key === undefined) return [...target, ...changes.filter((one) => !target.includes(one))];
  let result = [...target];
  for (const change of changes) {
    if (!isObject(change) || !(key in change)) {
      throw badRequest(`map: ${JSON.stringify(change)} does not contain declared merge key: ${key}`);
    }
    const at = result.findIndex((one) => isObject(one) && one[key] === change[key]);
    const before = result[at];
    const merged = mergeObject(isObject(before) ? before : {}, change, field.items ?? {});
    if (merged === undefined) result = result.filter((one) => !isObject(one) || one[key] !== change[key]);
    else if (at < 0) result.push(merged);
    else result[at] = merged;
  }
  return result;
}

/**
 * The elements in the order of `$setElementOrder`. Those that only the server has keep their places among the others:
 * each before the one that followed it.
 */
function ordered(
  list: readonly unknown[],
  order: readonly unknown[],
  patched: readonly unknown[],
  key: string | undefined,
): unknown[] {
  const idOf = (one: unknown): unknown => (key !== undefined && isObject(one) ? one[key] : one);
  const ids = order.map(idOf);
  for (const one of patched) {
    const isDeleted = isObject(one) && one[directive] !== undefined;
    if (isDeleted || ids.includes(idOf(one))) continue;
    throw badRequest(
      `the order in patch list doesn't match ${ordering} list: ${JSON.stringify(idOf(one))} is not in it`,
    );
  }
  const named = ids.flatMap((id) => list.filter((one) => idOf(one) === id));
  const result: unknown[] = [];
  let next = 0;
  for (const one of list) {
    if (!ids.includes(idOf(one))) result.push(one);
    else {
      result.push(named[next]);
      next += 1;
    }
  }
  return result;
}

function fieldOf({ properties, additionalProperties }: Schema, name: string): Schema {
  if (properties && Object.hasOwn(properties, name)) return properties[name] ?? {};
  return additionalProperties ?? {};
}

function isMerged(field: Schema): boolean {
  return (field["x-kubernetes-patch-strategy"] ?? "").split(",").includes("merge");
}

function keyOf(field: Schema): string | undefined {
  return field["x-kubernetes-patch-merge-key"];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
