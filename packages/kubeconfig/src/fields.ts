import { KubeconfigError } from "./errors.ts";

/** One mapping of the file, and where it is, for errors. */
export interface Fields {
  readonly values: Readonly<Record<string, unknown>>;
  readonly where: string;
}

/** A value as a mapping; nothing and null are an empty one, as Go decodes them. */
export function fieldsOf(value: unknown, where: string): Fields {
  if (value === undefined || value === null) return { values: {}, where };
  if (!isMapping(value)) throw wrongType(where, "a mapping");
  return { values: value, where };
}

/** A nested mapping. */
export function nested(fields: Fields, name: string): Fields {
  return fieldsOf(fields.values[name], place(fields, name));
}

/** A text; absent, null and empty are the same, as for kubectl. */
export function text(fields: Fields, name: string): string | undefined {
  const value = fields.values[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw wrongType(place(fields, name), "a string");
  return value;
}

export function flag(fields: Fields, name: string): boolean {
  const value = fields.values[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw wrongType(place(fields, name), "true or false");
  return value;
}

/** Text whose bytes the file holds in base64; line breaks in it are fine, as for Go. */
export function base64Text(fields: Fields, name: string): string | undefined {
  const encoded = text(fields, name)?.replaceAll(/[\r\n]/g, "");
  if (encoded === undefined) return undefined;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) {
    throw wrongType(place(fields, name), "base64");
  }
  return Buffer.from(encoded, "base64").toString("utf8");
}

export function texts(fields: Fields, name: string): readonly string[] {
  return list(fields, name).map((value, index) => {
    if (typeof value !== "string") throw wrongType(`${place(fields, name)}[${index}]`, "a string");
    return value;
  });
}

/** The entries of a list such as `clusters`, by name; the mapping under `inner` is the entry. */
export function named(fields: Fields, name: string, inner: string): ReadonlyMap<string, Fields> {
  const entries = new Map<string, Fields>();
  for (const [index, value] of list(fields, name).entries()) {
    const entry = fieldsOf(value, `${place(fields, name)}[${index}]`);
    const key = text(entry, "name");
    if (key === undefined) throw bad(`${entry.where} has no name`);
    if (entries.has(key)) throw bad(`${place(fields, name)} has two entries called ${JSON.stringify(key)}`);
    entries.set(key, nested(entry, inner));
  }
  return entries;
}

/** Whether a field is there and says anything. */
export function has(fields: Fields, name: string): boolean {
  const value = fields.values[name];
  return value !== undefined && value !== null && value !== "";
}

function place(fields: Fields, name: string): string {
  return fields.where.endsWith(":") ? `${fields.where} ${name}` : `${fields.where}.${name}`;
}

export function bad(message: string): KubeconfigError {
  return new KubeconfigError("BAD_KUBECONFIG", message);
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields.values[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(place(fields, name), "a list");
  return value;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function wrongType(where: string, expected: string): KubeconfigError {
  return bad(`${where} is not ${expected}`);
}
