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
    } else if (Array.isArray(value))
      result[name] = mergeList(listOf(result[name]), value, fields[`${ordering}${name}`], field);
    else result[name] = value;
  }
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(deletion)) {
      const list = name.slice(deletion.length);
      result[list] = listOf(result[list]).filter((one) => !listOf(value).includes(one));
    } else if (name.startsWith(ordering)) {
      const list = name.slice(ordering.length);
      if (list in fields || !(list in result)) continue;
      const before = listOf(result[list]);
      result[list] = ordered(before, listOf(value), before, keyOf(fieldOf(schema, list)));
    }
  }
  return result;
}

/** `$retainKeys` names the only fields that may stay. */
function retained(target: JsonObject, keys: unknown): Record<string, unknown> {
  if (keys === undefined) return { ...target };
  return Object.fromEntries(Object.entries(target).filter(([name]) => listOf(keys).includes(name)));
}

function mergeList(
  target: readonly unknown[],
  patch: readonly unknown[],
  order: unknown,
  field: Schema,
): readonly unknown[] {
  const isReplacement = (one: unknown): boolean => isDeepStrictEqual(one, { [directive]: "replace" });
  const changes = patch.filter((one) => !isReplacement(one));
  if (changes.length < patch.length || !isMerged(field)) return changes;
  const key = keyOf(field);
  const merged =
    key === undefined
      ? [...target, ...changes.filter((one) => !target.includes(one))]
      : mergeElements(target, changes, key, field);
  if (order !== undefined) checkOrder(changes, listOf(order), key);
  return ordered(merged, order === undefined ? changes : listOf(order), target, key);
}

function mergeElements(
  target: readonly unknown[],
  changes: readonly unknown[],
  key: string,
  field: Schema,
): readonly unknown[] {
  let result = [...target];
  for (const change of changes) {
    if (!isObject(change) || !(key in change)) {
      throw badRequest(`map: ${JSON.stringify(change)} does not contain declared merge key: ${key}`);
    }
    const at = result.findIndex((one) => idOf(one, key) === change[key]);
    const before = result[at];
    const merged = mergeObject(isObject(before) ? before : {}, change, field.items ?? {});
    if (merged === undefined) result = result.filter((one) => idOf(one, key) !== change[key]);
    else if (at < 0) result.push(merged);
    else result[at] = merged;
  }
  return result;
}

function checkOrder(changes: readonly unknown[], order: readonly unknown[], key: string | undefined): void {
  const ids = order.map((one) => idOf(one, key));
  for (const one of changes) {
    const isDeleted = isObject(one) && one[directive] !== undefined;
    if (isDeleted || ids.includes(idOf(one, key))) continue;
    const id = JSON.stringify(idOf(one, key));
    throw badRequest(`the order in patch list doesn't match ${ordering} list: ${id} is not in it`);
  }
}

/**
 * The elements that the patch names in its order; the others in the order that they had before, each in front of the
 * first of the named ones that it stood in front of.
 */
function ordered(
  list: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  key: string | undefined,
): unknown[] {
  const ids = order.map((one) => idOf(one, key));
  const placeOf = (one: unknown): number => before.findIndex((other) => idOf(other, key) === idOf(one, key));
  const others = list.filter((one) => !ids.includes(idOf(one, key)));
  const result: unknown[] = [];
  for (const one of ids.flatMap((id) => list.filter((other) => idOf(other, key) === id))) {
    while (others.length > 0 && placeOf(others[0]) < placeOf(one)) result.push(others.shift());
    result.push(one);
  }
  return [...result, ...others];
}

function idOf(element: unknown, key: string | undefined): unknown {
  return key !== undefined && isObject(element) ? element[key] : element;
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
