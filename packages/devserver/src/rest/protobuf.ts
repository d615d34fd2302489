import { PbfReader } from "pbf";
import { messageOf } from "../errors.ts";
import { resolve, type Schema, schemaOf, shortNameOf } from "../schema/schema.ts";
import { badRequest } from "../status.ts";

/** `k8s` and a zero: what every Kubernetes protobuf body begins with, before the envelope. */
const magic = Buffer.from("6b387300", "hex");

/** Decodes a body into the JSON object that it stands for; a refusal when it is none. */
export function decodeProtobuf(bytes: Buffer): Record<string, unknown> {
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    throw badRequest("the body is not Kubernetes protobuf: it must begin with the bytes 6b 38 73 00");
  }
  try {
    return decodeEnvelope(bytes.subarray(magic.length));
  } catch (error) {
    throw badRequest(`the body is not protobuf: ${messageOf(error)}`);
  }
}

/** runtime.Unknown: what kind it is, and the object itself. */
function decodeEnvelope(bytes: Uint8Array): Record<string, unknown> {
  let raw: Uint8Array = new Uint8Array();
  let apiVersion = "";
  let kind = "";
  readFields(bytes, (number, reader) => {
    if (number === 2) raw = reader.readBytes();
    else if (number === 1) {
      readFields(reader.readBytes(), (part, type) => {
        if (part === 1) apiVersion = type.readString();
        else if (part === 2) kind = type.readString();
      });
    }
  });
  const schema = schemaOf(apiVersion, kind);
  // The kind alone says that it is not one that is expected here.
  return { apiVersion, kind, ...(schema && decodeMessage(raw, schema)) };
}

/** Where a number leads: to a field, or into a message that JSON inlines. */
interface Fields {
  readonly byNumber: Map<number, Fields>;
  name: string;
  schema: Schema;
}

const known = new Map<Schema, Fields>();

function fieldsOf(schema: Schema): Fields {
  const before = known.get(schema);
  if (before) return before;
  const root: Fields = { byNumber: new Map(), name: "", schema };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    let at = root;
    for (const number of property["x-protobuf"] ?? []) {
      const next: Fields = at.byNumber.get(number) ?? { byNumber: new Map(), name: "", schema: {} };
      at.byNumber.set(number, next);
      at = next;
    }
    at.name = name;
    at.schema = property;
  }
  known.set(schema, root);
  return root;
}

function decodeMessage(bytes: Uint8Array, schema: Schema): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  decodeInto(object, bytes, fieldsOf(schema));
  return object;
}

function decodeInto(object: Record<string, unknown>, bytes: Uint8Array, { byNumber }: Fields): void {
  readFields(bytes, (number, reader) => {
    const field = byNumber.get(number);
    if (!field) return;
    const { name, schema } = field;
    const { type, items, additionalProperties } = resolve(schema);
    if (name === "") decodeInto(object, reader.readBytes(), field);
    else if (type === "array") listIn(object, name).push(decodeValue(reader, items ?? {}));
    else if (additionalProperties) {
      const [key, value] = decodeEntry(reader.readBytes(), additionalProperties);
      // Defined and not set: `__proto__` is a key like others.
      Object.defineProperty(recordIn(object, name), key, { value, ...plain });
    } else {
      const value = decodeValue(reader, schema);
      if (!isEmpty(value, name, resolve(schema))) object[name] = value;
    }
  });
}

/**
 * Whether Go would leave it out of JSON. Its encoder writes empty values of plain fields and says nothing of nil
 * pointers, and the two look alike here: of the numbers the 64-bit ones are pointers, such as a grace period of 0, the generations excepted.
 */
function isEmpty(value: unknown, name: string, { format }: Schema): boolean {
  if (value === 0) return format === "int32" || /generation$/i.test(name);
  return value === undefined || value === "" || value === false;
}

function decodeEntry(bytes: Uint8Array, values: Schema): [string, unknown] {
  let key = "";
  // An empty value may be left out.
  let value: unknown = values.type === "string" ? "" : {};
  readFields(bytes, (number, reader) => {
    if (number === 1) key = reader.readString();
    else if (number === 2) value = decodeValue(reader, values);
  });
  return [key, value];
}

function decodeValue(reader: PbfReader, reference: Schema): unknown {
  const schema = resolve(reference);
  const { type, format, properties } = schema;
  if (type === "boolean") return reader.readBoolean();
  if (type === "integer") return reader.readVarint(true);
  if (type === "number") return reader.readDouble();
  if (format === "byte") return Buffer.from(reader.readBytes()).toString("base64");
  if (format === "date-time") return decodeTime(reader.readBytes(), shortNameOf(reference) === "MicroTime");
  if (format === "int-or-string") return decodeIntOrString(reader.readBytes());
  if (type === "string") return reader.readString();
  const bytes = reader.readBytes();
  if (shortNameOf(reference) === "Quantity") return decodeText(bytes);
  // Raw JSON inside, as in FieldsV1.
  if (!properties) return JSON.parse(decodeText(bytes) || "{}");
  return decodeMessage(bytes, schema);
}

/** A message whose first field is its text. */
function decodeText(bytes: Uint8Array): string {
  let text = "";
  readFields(bytes, (number, reader) => {
    if (number === 1) text = reader.readString();
  });
  return text;
}

/** Undefined for the zero time, which JSON has as null. */
function decodeTime(bytes: Uint8Array, micro: boolean): string | undefined {
  if (bytes.length === 0) return undefined;
  let seconds = 0;
  let nanos = 0;
  readFields(bytes, (number, reader) => {
    if (number === 1) seconds = reader.readVarint(true);
    else if (number === 2) nanos = reader.readVarint(true);
  });
  const whole = new Date(seconds * 1_000).toISOString().slice(0, 19);
  return micro ? `${whole}.${String(Math.floor(nanos / 1_000)).padStart(6, "0")}Z` : `${whole}Z`;
}

function decodeIntOrString(bytes: Uint8Array): number | string {
  let isText = false;
  let number = 0;
  let text = "";
  readFields(bytes, (field, reader) => {
    if (field === 1) isText = reader.readVarint() === 1;
    else if (field === 2) number = reader.readVarint(true);
    else if (field === 3) text = reader.readString();
  });
  return isText ? text : number;
}

/** Calls for each field, and skips one of which nothing is read, as one of a later version has to be. */
function readFields(bytes: Uint8Array, read: (number: number, reader: PbfReader) => void): void {
  const reader = new PbfReader(bytes);
  for (let number = reader.nextField(); number !== 0; number = reader.nextField()) read(number, reader);
  // The reader goes over the end of what is cut short without a word.
  if (reader.pos !== bytes.length) throw new RangeError("it ends in the middle of a field");
}

const plain = { configurable: true, enumerable: true, writable: true };

/** The list of a field that comes once for each of its items. */
function listIn(object: Record<string, unknown>, name: string): unknown[] {
  const before = object[name];
  if (Array.isArray(before)) return before;
  const list: unknown[] = [];
  object[name] = list;
  return list;
}

function recordIn(object: Record<string, unknown>, name: string): object {
  const before = object[name];
  if (typeof before === "object" && before !== null) return before;
  const record = {};
  object[name] = record;
  return record;
}
