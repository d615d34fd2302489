import { isObject, type JsonObject } from "../../schema/json.ts";
import { resolve, type Schema } from "../../schema/schema.ts";

/**
 * Which fields of an object somebody cares about, as Kubernetes' FieldsV1: `f:name` is a field, `k:{…}` the element of a
 * list with these keys, `v:…` that value in a set, and an empty set stands for all that is below.
 */
export interface FieldSet {
  readonly [step: string]: FieldSet;
}

/** How a list is merged: by the keys of its elements, as a set of values, or not at all. */
export type ListShape =
  | { readonly kind: "map"; readonly keys: readonly string[] }
  | { readonly kind: "set" }
  | { readonly kind: "atomic" };

export function listShapeOf(field: Schema): ListShape {
  const keys = field["x-kubernetes-list-map-keys"];
  if (field["x-kubernetes-list-type"] === "map" && keys) return { kind: "map", keys };
  return { kind: field["x-kubernetes-list-type"] === "set" ? "set" : "atomic" };
}

/** Whether the fields of an object are owned each for itself. */
export function isGranular(schema: Schema): boolean {
  const { properties, additionalProperties } = schema;
  return schema["x-kubernetes-map-type"] !== "atomic" && (properties ?? additionalProperties) !== undefined;
}

export function childSchemaOf({ properties, additionalProperties }: Schema, name: string): Schema {
  return (properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties) ?? {};
}

/** The step that leads to an element; a key that is left out is its default. */
export function stepOf(element: unknown, keys: readonly string[], items: Schema): string {
  const { properties = {} } = resolve(items);
  const values = [...keys]
    .sort()
    .map((key) => [key, (isObject(element) ? element[key] : undefined) ?? properties[key]?.default]);
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}

/** The set of all that an object says. */
export function fieldSetOf(value: unknown, reference: Schema): FieldSet {
  const schema = resolve(reference);
  if (isObject(value) && isGranular(schema)) {
    const fields = Object.entries(value).map(([name, one]) => [
      `f:${name}`,
      fieldSetOf(one, childSchemaOf(schema, name)),
    ]);
    return Object.fromEntries(fields);
  }
  if (!Array.isArray(value)) return {};
  const shape = listShapeOf(schema);
  if (shape.kind === "set") return Object.fromEntries(value.map((one) => [`v:${JSON.stringify(one)}`, {}]));
  if (shape.kind === "atomic") return {};
  const items = schema.items ?? {};
  return Object.fromEntries(
    value.map((one) => [stepOf(one, shape.keys, items), { ".": {}, ...fieldSetOf(one, items) }]),
  );
}

export function schemaAt(schema: Schema, step: string): Schema {
  return step.startsWith("f:") ? childSchemaOf(schema, step.slice(2)) : (schema.items ?? {});
}

/** Whether an element is the one that a step leads to. */
export function isAt(element: unknown, step: string, list: Schema): boolean {
  const shape = listShapeOf(list);
  if (shape.kind === "map") return stepOf(element, shape.keys, list.items ?? {}) === step;
  return `v:${JSON.stringify(element)}` === step;
}

/** As the real server names a field in a conflict. */
export function printed(step: string): string {
  if (step.startsWith("f:")) return `.${step.slice(2)}`;
  if (step.startsWith("v:")) return `[=${step.slice(2)}]`;
  const keys: JsonObject = JSON.parse(step.slice(2));
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(",")}]`;
}
