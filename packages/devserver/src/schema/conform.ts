import { isObject, type JsonObject } from "./json.ts";
import { parseQuantity } from "./quantity.ts";
import { resolve, type Schema, shortNameOf } from "./schema.ts";

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What was found in a value beside what its schema knows. */
export interface Findings {
  /** A field is of another type than its schema says: throws. */
  wrongType(path: string, expected: string): never;
  unknownField(path: string): void;
}

/**
 * The value as a Go server decodes it: fields that its schema does not know are left out and reported, and so is null,
 * which is the same as absent there.
 */
export function conform(value: JsonObject, schema: Schema, findings: Findings): JsonObject {
  return conformObject(value, resolve(schema), "", findings);
}

function conformObject(value: JsonObject, schema: Schema, path: string, findings: Findings): JsonObject {
  const { properties, additionalProperties } = schema;
  // Nothing is known of what is in it.
  if (!properties && !additionalProperties) return value;
  const kept: [string, unknown][] = [];
  for (const [name, one] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    const own = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (!own) findings.unknownField(at);
    else if (one !== null) kept.push([name, conformValue(one, own, at, findings)]);
  }
  return Object.fromEntries(kept);
}

function conformValue(value: unknown, reference: Schema, path: string, findings: Findings): unknown {
  const schema = resolve(reference);
  const { type, format, oneOf, items } = schema;
  const expect = (holds: boolean, expected: string): void => {
    if (!holds) findings.wrongType(path, expected);
  };
  if (oneOf) {
    const isEither = typeof value === "string" || typeof value === "number";
    expect(isEither, "a string or a number");
    if (shortNameOf(reference) !== "Quantity") return value;
    // It is stored as text, whatever it was sent as.
    const quantity = String(value).trim();
    expect(parseQuantity(quantity) !== undefined, "a quantity, such as 100m, 1.5 or 1Gi");
    return quantity;
  }
  if (type === "object") {
    const texts = schema.additionalProperties?.type === "string";
    if (!isObject(value)) return findings.wrongType(path, texts ? "an object of strings" : "an object");
    expect(!texts || Object.values(value).every((one) => isText(one)), "an object of strings");
    return conformObject(value, schema, path, findings);
  }
  if (type === "array") {
    const texts = items?.type === "string";
    if (!Array.isArray(value)) return findings.wrongType(path, texts ? "a list of strings" : "a list");
    expect(!texts || value.every(isText), "a list of strings");
    return value.map((one: unknown, index) => conformValue(one, items ?? {}, `${path}[${index}]`, findings));
  }
  if (type === "string") {
    const isTime = format === "date-time";
    const isWrong = typeof value !== "string" || (isTime && !time.test(value));
    expect(!isWrong, format === "byte" ? "base64" : isTime ? "a time as RFC 3339 has it" : "a string");
  }
  if (type === "integer") expect(Number.isSafeInteger(value), "an integer");
  if (type === "number") expect(typeof value === "number", "a number");
  if (type === "boolean") expect(typeof value === "boolean", "true or false");
  return value;
}

/** Null in a map or a list of texts is the empty one. */
function isText(value: unknown): boolean {
  return typeof value === "string" || value === null;
}
