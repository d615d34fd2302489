import type { Fields } from "./fields.ts";

/** A property that is left out when it has no value. */
export function some<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  const property: Partial<Record<K, V>> = {};
  if (value !== undefined) property[name] = value;
  return property;
}

/** A text that must be there, and not empty. */
export function required(fields: Fields, name: string): string {
  const text = fields.text(name) ?? "";
  if (text === "") fields.invalid(name, "Required value", "FieldValueRequired");
  return text;
}
