import { conform } from "../schema/conform.ts";
import { isObject, type JsonObject } from "../schema/json.ts";
import { apiVersionOf, schemaOf } from "../schema/schema.ts";
import { badRequest } from "../status.ts";
import type { ResourceKind } from "./kinds.ts";

/** What to do about fields that a kind does not have. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

export function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const asked = query.get("fieldValidation") ?? "";
  return asked === "Ignore" || asked === "Strict" ? asked : "Warn";
}

export interface Conformance {
  readonly validation: FieldValidation;
  readonly warn: (text: string) => void;
  /** How a wrong object is refused; with 400 unless it says otherwise. */
  readonly refuse?: (message: string) => Error;
}

/** An object of a kind as it was sent, without the fields that the kind does not have; a refusal when it is none. */
export function conformToKind(
  value: unknown,
  kind: ResourceKind,
  { validation, warn, refuse = badRequest }: Conformance,
): JsonObject {
  if (!isObject(value)) throw badRequest(`the body is not a ${kind.kind}: it must be a JSON object`);
  const apiVersion = apiVersionOf(kind);
  // As a real server takes it, an object may leave out what the path says.
  const { kind: ownKind = kind.kind, apiVersion: ownVersion = apiVersion } = value;
  if (ownKind !== kind.kind || ownVersion !== apiVersion) {
    const own = JSON.stringify([ownVersion, ownKind]);
    throw badRequest(`the body must be apiVersion "${apiVersion}", kind "${kind.kind}", not ${own}`);
  }
  const unknown: string[] = [];
  const cannot = `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}`;
  const object = conform(value, schemaOf(apiVersion, kind.kind) ?? {}, {
    wrongType(path, expected) {
      throw refuse(`${cannot}: ${path} must be ${expected}`);
    },
    unknownField: (path) => unknown.push(`unknown field "${path}"`),
  });
  if (validation === "Strict" && unknown.length > 0) {
    throw refuse(`${cannot}: strict decoding error: ${unknown.join(", ")}`);
  }
  if (validation === "Warn") unknown.forEach(warn);
  return object;
}
