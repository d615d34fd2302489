import type { JsonObject } from "../schema/json.ts";
import { apiVersionOf } from "../schema/schema.ts";
import { badRequest, type Cause, invalid } from "../status.ts";
import { createFields, type Fields } from "./fields.ts";
import type { ResourceKind } from "./kinds.ts";
import { newMetadata, nextMetadata } from "./metadata.ts";
import { dnsSubdomain, type NameRule } from "./names.ts";
import type { KubernetesObject } from "./object.ts";
import type { Strategy } from "./resource.ts";

export interface PlainOptions {
  readonly names?: NameRule;
  /** The rest of the object, its defaults filled in; mistakes go to the fields' causes. */
  readonly complete?: (fields: Fields, before: JsonObject | undefined) => JsonObject;
}

/** The strategy of a kind that is only kept: what is sent is what is stored, but for a few defaults. */
export function plainStrategy(kind: ResourceKind, options: PlainOptions = {}): Strategy<KubernetesObject> {
  const { names = dnsSubdomain, complete = (fields: Fields) => fields.values } = options;
  const checked = <T>(body: JsonObject, build: (fields: Fields) => T, nameOf: (object: T) => string): T => {
    const causes: Cause[] = [];
    const fields = createFields(body, "", { kind: kind.kind, causes });
    if (!fields) throw badRequest(`the body is not a ${kind.kind}: it must be a JSON object`);
    const object = build(fields);
    if (causes.length > 0) throw invalid(kind.kind, nameOf(object), causes);
    return object;
  };
  const build = (
    fields: Fields,
    metadata: KubernetesObject["metadata"],
    before?: JsonObject,
  ): KubernetesObject => {
    const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, ...rest } = complete(fields, before);
    return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata, ...rest };
  };
  const nameOf = ({ metadata }: KubernetesObject): string => metadata.name;
  return {
    create: (body, namespace) =>
      checked(body, (fields) => build(fields, newMetadata(fields, namespace, names)), nameOf),
    update: (before, body) =>
      checked(body, (fields) => build(fields, nextMetadata(before.metadata, fields), { ...before }), nameOf),
  };
}
