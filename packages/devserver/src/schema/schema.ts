import schemas from "./kubernetes.json" with { type: "json" };

/** An OpenAPI schema, with Kubernetes' extensions, and with the field numbers of protobuf. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly default?: unknown;
  /** The field's number in protobuf; behind those of the messages that JSON inlines. */
  readonly "x-protobuf"?: readonly number[];
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-patch-strategy"?: string;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
  readonly "x-kubernetes-group-version-kind"?: readonly GroupVersionKind[];
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Every schema, by its name; for whole documents. */
export const allSchemas: Readonly<Record<string, Schema>> = schemas;

const byKind = new Map(
  Object.values(allSchemas).flatMap((schema) =>
    (schema["x-kubernetes-group-version-kind"] ?? []).map((one): [string, Schema] => [
      `${apiVersionOf(one)} ${one.kind}`,
      schema,
    ]),
  ),
);

/** `v1` or `group/v1`. */
export function apiVersionOf({
  group,
  version,
}: {
  readonly group: string;
  readonly version: string;
}): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The schema of a kind; undefined for a kind that is not known here. */
export function schemaOf(apiVersion: string, kind: string): Schema | undefined {
  return byKind.get(`${apiVersion} ${kind}`);
}

/** The schema that is meant where another one may be referred to. */
export function resolve(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (allSchemas[nameOf(schema.$ref)] ?? {});
}

/** The name of a schema without its package. */
export function shortNameOf({ $ref = "" }: Schema): string {
  return $ref.slice($ref.lastIndexOf(".") + 1);
}

function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}
