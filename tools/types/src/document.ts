/** As much of an OpenAPI 3.0 document as the types need. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Schema {
  readonly [keyword: string]: unknown;
}

const referencePrefix = "#/components/schemas/";

/** The schemas reachable from the named kinds, sorted by name, with the keywords that say something about a type. */
export function reduceDocument(
  documents: readonly OpenApiDocument[],
  kinds: readonly string[],
): OpenApiDocument {
  const [first] = documents;
  if (first === undefined) throw new RangeError("at least one OpenAPI document is needed");
  const all = new Map(documents.flatMap((document) => Object.entries(document.components.schemas)));
  const reached = new Map<string, Schema>();
  const waiting = [...kinds];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    const schema = all.get(name);
    if (schema === undefined) throw new RangeError(`no document has a schema ${name}`);
    reached.set(name, schema);
    waiting.push(...referencesOf(schema));
  }
  const schemas = Object.fromEntries([...reached].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { openapi: first.openapi, info: first.info, components: { schemas } };
}

/** A copy in which every object of the tree went through `change`, the innermost first. */
export function mapObjects(value: unknown, change: (node: Schema) => Schema): unknown {
  if (Array.isArray(value)) return value.map((one) => mapObjects(one, change));
  if (!isSchema(value)) return value;
  return change(
    Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapObjects(one, change)])),
  );
}

/** The schema that a `$ref` names. */
export function referredName(reference: string): string {
  if (!reference.startsWith(referencePrefix)) throw new RangeError(`${reference} does not refer to a schema`);
  return reference.slice(referencePrefix.length);
}

export function referenceTo(name: string): string {
  return referencePrefix + name;
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function referencesOf(schema: Schema): string[] {
  const names: string[] = [];
  mapObjects(schema, (node) => {
    if (typeof node["$ref"] === "string") names.push(referredName(node["$ref"]));
    return node;
  });
  return names;
}
