import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject } from "../schema/json.ts";
import { checkBytes, type Fields } from "./fields.ts";
import { configKey } from "./names.ts";

/** The longest data of a ConfigMap or Secret. */
const longestBytes = 1_048_576;

/** A ConfigMap: nothing is filled in, and one that is immutable keeps its data. */
export function completeConfigMap(fields: Fields, before: JsonObject | undefined): JsonObject {
  for (const field of ["data", "binaryData"]) checkKeys(fields, field);
  const bytes = bytesOf(fields.texts("data"), "utf8") + bytesOf(fields.texts("binaryData"), "base64");
  // Of the object as a whole, by the name that a real server gives it.
  checkBytes(fields, "[]", bytes, longestBytes);
  checkImmutable(fields, before, ["data", "binaryData"]);
  const { data, binaryData, ...values } = fields.values;
  return { ...values, ...someTexts("data", data), ...someTexts("binaryData", binaryData) };
}

/** A Secret: its texts become base64, and its type is Opaque unless it says another. */
export function completeSecret(fields: Fields, before: JsonObject | undefined): JsonObject {
  const { stringData: _stringData, ...values } = fields.values;
  const texts = Object.entries(fields.texts("stringData") ?? {}).map(([key, text]) => [
    key,
    Buffer.from(text).toString("base64"),
  ]);
  const data = { ...fields.texts("data"), ...Object.fromEntries(texts) };
  for (const field of ["data", "stringData"]) checkKeys(fields, field);
  checkBytes(fields, "data", bytesOf(data, "base64"), longestBytes);
  const type = fields.text("type") || "Opaque";
  if (before && before["type"] !== type) {
    fields.invalid("type", `Invalid value: ${JSON.stringify(type)}: field is immutable`);
  }
  checkImmutable(fields, before, ["data"]);
  return { ...values, ...(Object.keys(data).length > 0 && { data }), type };
}

/** Left out when there are none, as from Go. */
function someTexts(name: string, texts: unknown): JsonObject {
  return isObject(texts) && Object.keys(texts).length > 0 ? { [name]: texts } : {};
}

function bytesOf(texts: Readonly<Record<string, string>> = {}, encoding: "utf8" | "base64"): number {
  return Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text, encoding), 0);
}

function checkKeys(fields: Fields, field: string): void {
  for (const key of Object.keys(fields.texts(field) ?? {})) {
    if (configKey.matches(key)) continue;
    fields.invalid(`${field}[${key}]`, `Invalid value: ${JSON.stringify(key)}: ${configKey.message}`);
  }
}

function checkImmutable(fields: Fields, before: JsonObject | undefined, names: readonly string[]): void {
  if (before?.["immutable"] !== true) return;
  for (const name of ["immutable", ...names]) {
    if (isDeepStrictEqual(fields.values[name], before[name])) continue;
    fields.invalid(name, "Forbidden: field is immutable when `immutable` is set", "FieldValueForbidden");
  }
}
