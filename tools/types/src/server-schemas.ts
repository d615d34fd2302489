import { isSchema, mapObjects, type OpenApiDocument, reduceDocument, type Schema } from "./document.ts";
import type { ProtoMessages } from "./proto.ts";

const core = "io.k8s.api.core.v1.";
const meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/** The kinds that devserver keeps or takes as bodies; all they refer to comes along. */
const serverKinds: readonly string[] = [
  ...["ConfigMap", "Event", "Namespace", "Node", "Pod", "Secret", "Service", "ServiceAccount"].flatMap(
    (kind) => [`${core}${kind}`, `${core}${kind}List`],
  ),
  "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
  "io.k8s.api.events.v1.Event",
  "io.k8s.api.events.v1.EventList",
  `${meta}DeleteOptions`,
  `${meta}Status`,
];

/**
 * The schemas of these kinds as devserver needs them: without descriptions, and each property with the path of numbers
 * under which protobuf has it. A path is longer than one where Go's JSON inlines what protobuf nests.
 */
export function serverSchemas(
  documents: readonly OpenApiDocument[],
  messages: ProtoMessages,
): Readonly<Record<string, unknown>> {
  const { components } = reduceDocument(documents, serverKinds);
  return Object.fromEntries(
    Object.entries(components.schemas).map(([name, schema]) => [name, numbered(name, schema, messages)]),
  );
}

function numbered(name: string, schema: Schema, messages: ProtoMessages): unknown {
  const small = mapObjects(schema, terse);
  if (!isSchema(small) || !isSchema(small["properties"])) return small;
  const paths = pathsOf(name, Object.keys(small["properties"]), messages);
  const properties = Object.entries(small["properties"]).map(([property, one]) => {
    const path = paths.get(property);
    // What says of itself what it is, is said by the envelope.
    if (path === undefined && property !== "kind" && property !== "apiVersion") {
      throw new RangeError(`protobuf has no ${name}.${property}`);
    }
    return [property, isSchema(one) && path ? { ...one, "x-protobuf": path } : one];
  });
  return { ...small, properties: Object.fromEntries(properties) };
}

function pathsOf(name: string, wanted: readonly string[], messages: ProtoMessages): Map<string, number[]> {
  const paths = new Map<string, number[]>();
  for (const { name: field, type, number } of messages.get(name) ?? []) {
    if (wanted.includes(field)) paths.set(field, [number]);
    else for (const [inner, path] of pathsOf(type, wanted, messages)) paths.set(inner, [number, ...path]);
  }
  return paths;
}

function terse({ description: _description, allOf, default: preset, enum: _enum, ...rest }: Schema): Schema {
  const [only] = Array.isArray(allOf) ? allOf : [];
  const empty = ["{}", '""', "0", undefined].includes(JSON.stringify(preset));
  return { ...rest, ...(isSchema(only) && only), ...(!empty && { default: preset }) };
}
