import {
  isSchema,
  mapObjects,
  type OpenApiDocument,
  referenceTo,
  referredName,
  type Schema,
} from "./document.ts";

/** Schemas that stand for what JSON carries, where the document says less or something looser. */
const scalars: ReadonlyMap<string, Schema> = new Map<string, Schema>([
  ["IntOrString", { oneOf: [{ type: "integer" }, { type: "string" }] }],
  // A server takes a number, but answers with a string always: what is read decides.
  ["Quantity", { type: "string" }],
]);

/** The name to export: io.k8s.api.core.v1.Pod is Pod. */
export function friendlyName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** The document with friendly names, without comments and without defaults, which would make fields required. */
export function simplify(document: OpenApiDocument): OpenApiDocument {
  const schemas = new Map<string, Schema>();
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    const friendly = friendlyName(name);
    if (schemas.has(friendly)) throw new RangeError(`two schemas would be called ${friendly}`);
    schemas.set(friendly, scalars.get(friendly) ?? simplifySchema(schema));
  }
  const sorted = [...schemas].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...document, components: { schemas: Object.fromEntries(sorted) } };
}

function simplifySchema(schema: Schema): Schema {
  const simple = mapObjects(schema, (node) => {
    const kept = Object.entries(node).filter(([keyword, value]) => isType(keyword, value));
    return Object.fromEntries(
      kept.map(([keyword, value]) =>
        keyword === "$ref" && typeof value === "string"
          ? [keyword, referenceTo(friendlyName(referredName(value)))]
          : [keyword, value],
      ),
    );
  });
  return isSchema(simple) ? simple : {};
}

/** Whether an entry belongs to the type; a property may be called "description" or "default", and is a schema. */
function isType(keyword: string, value: unknown): boolean {
  if (keyword.startsWith("x-kubernetes-")) return false;
  if (keyword === "description" || keyword === "format") return typeof value !== "string";
  // A default is {} or a scalar; a schema has a type or a reference.
  if (keyword === "default") return isSchema(value) && Object.keys(value).length > 0;
  return true;
}
