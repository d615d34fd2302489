import { badRequest, type Cause } from "../status.ts";

/** The fields of one object that a client sent. A wrong type is a 400 at once, a wrong value is one of the causes of a 422. */
export interface Fields {
  readonly values: Readonly<Record<string, unknown>>;
  text(name: string): string | undefined;
  flag(name: string): boolean;
  integer(name: string): number | undefined;
  words(name: string): readonly string[] | undefined;
  texts(name: string): Readonly<Record<string, string>> | undefined;
  /** A nested object; empty when it is absent. */
  object(name: string): Fields;
  list(name: string): Fields[];
  invalid(name: string, message: string, reason?: string): void;
  /** Says of fields that are there, and not empty, that they are not supported: better than to ignore them. */
  refuse(names: readonly string[]): void;
}

/** What the fields of one request have in common: the kind they are part of, and what is wrong with them. */
export interface FieldsContext {
  readonly kind: string;
  readonly causes: Cause[];
}

/** Undefined when the value is no object. */
export function createFields(value: unknown, path: string, context: FieldsContext): Fields | undefined {
  if (!isRecord(value)) return undefined;
  const pathOf = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const { kind, causes } = context;
  const wrongType = (name: string, expected: string) =>
    badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${pathOf(name)} must be ${expected}`);
  const invalid = (name: string, message: string, reason: string): void => {
    causes.push({ reason, message, field: pathOf(name) });
  };
  const read = (name: string): unknown => value[name] ?? undefined;

  return {
    values: value,
    text(name) {
      const text = read(name);
      if (text === undefined || typeof text === "string") return text;
      throw wrongType(name, "a string");
    },
    flag(name) {
      const flag = read(name) ?? false;
      if (typeof flag === "boolean") return flag;
      throw wrongType(name, "true or false");
    },
    integer(name) {
      const number = read(name);
      if (number === undefined || (typeof number === "number" && Number.isSafeInteger(number))) return number;
      throw wrongType(name, "an integer");
    },
    words(name) {
      const words = read(name);
      if (words === undefined) return undefined;
      if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
      throw wrongType(name, "a list of strings");
    },
    texts(name) {
      const texts = read(name);
      if (texts === undefined) return undefined;
      if (isTexts(texts)) return texts;
      throw wrongType(name, "an object of strings");
    },
    object(name) {
      const fields = createFields(read(name) ?? {}, pathOf(name), context);
      if (fields) return fields;
      throw wrongType(name, "an object");
    },
    list(name) {
      const list = read(name) ?? [];
      if (!Array.isArray(list)) throw wrongType(name, "a list");
      return list.map((item: unknown, index) => {
        const fields = createFields(item, `${pathOf(name)}[${index}]`, context);
        if (fields) return fields;
        throw wrongType(`${name}[${index}]`, "an object");
      });
    },
    invalid: (name, message, reason = "FieldValueInvalid") => invalid(name, message, reason),
    refuse(names) {
      for (const name of names) {
        if (["[]", "{}"].includes(JSON.stringify(read(name) ?? []))) continue;
        invalid(name, "Forbidden: devserver does not support this field", "FieldValueForbidden");
      }
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((one) => typeof one === "string");
}

/** Says of a field that is longer than it may be that it is. */
export function checkBytes(fields: Fields, name: string, byteLength: number, limitBytes: number): void {
  if (byteLength <= limitBytes) return;
  fields.invalid(name, `Too long: may not be more than ${limitBytes} bytes`, "FieldValueTooLong");
}
