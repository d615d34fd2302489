import { randomInt, randomUUID } from "node:crypto";
import { timestamp } from "../pods/pod.ts";
import { type JsonObject, textAt } from "../schema/json.ts";
import { badRequest } from "../status.ts";
import { checkBytes, type Fields } from "./fields.ts";
import { checkFinalizers } from "./finalizers.ts";
import { checkLabels } from "./labels.ts";
import { dnsLabel, type NameRule } from "./names.ts";
import type { ObjectMeta } from "./object.ts";
import { readManagers } from "./patch/managed-fields.ts";
import { nameCauses } from "./patch/manager-name.ts";

/** The letters of generated names: no vowels, so no words, and none that look alike. */
const letters = "bcdfghjklmnpqrstvwxz2456789";
/** What the server alone says. */
const systemFields: readonly string[] = [
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
  "generation",
];
/** What no update changes. */
const kept: readonly string[] = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "generateName",
  ...systemFields,
];

/** What admission calls a new object, which may have no name yet. */
export function askedNameOf(body: JsonObject): string {
  return textAt(body, "metadata", "name") || textAt(body, "metadata", "generateName");
}

/** The metadata of a new object: named, in the namespace of the request, if that has one, and with its identity. */
export function newMetadata(object: Fields, namespace: string | undefined, rule: NameRule): ObjectMeta {
  const fields = object.object("metadata");
  checkFinalizers(fields);
  const base = fields.text("generateName") || undefined;
  const name = fields.text("name") || (base === undefined ? "" : base.slice(0, 58) + suffix());
  const own = fields.text("namespace") || namespace;
  if (own !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const required = "Required value: name or generateName is required";
  if (name === "") fields.invalid("name", required, "FieldValueRequired");
  else if (!rule.matches(name)) {
    fields.invalid("name", `Invalid value: ${JSON.stringify(name)}: ${rule.message}`);
  }
  if (namespace !== undefined && !dnsLabel.matches(namespace)) {
    fields.invalid("namespace", `Invalid value: ${JSON.stringify(namespace)}: ${dnsLabel.message}`);
  }
  return {
    ...sentFields(fields),
    name,
    ...(namespace !== undefined && { namespace }),
    uid: randomUUID(),
    resourceVersion: "",
    creationTimestamp: timestamp(),
  };
}

/** The metadata of an object that takes the place of another: what only a server says stays as it was. */
export function nextMetadata<M extends ObjectMeta>(before: M, object: Fields): M {
  const fields = object.object("metadata");
  checkFinalizers(fields, before);
  checkManagers(fields);
  const isOwn = ([key]: [string, unknown]): boolean => !kept.includes(key);
  // What appliers own is not forgotten by those who do not know of it.
  const gone = Object.entries(before)
    .filter((one) => isOwn(one) && one[0] !== "managedFields")
    .map(([key]) => [key, undefined]);
  const sent = Object.entries(sentFields(fields)).filter(isOwn);
  return { ...before, ...Object.fromEntries(gone), ...Object.fromEntries(sent) };
}

/** The longest part of an object that a manager can name. */
const longestSubresourceBytes = 256;

/** Finds what is wrong with the managers that a client has sent, where they can be read: others do not count. */
function checkManagers(metadata: Fields): void {
  for (const [index, { name, subresource }] of (
    readManagers({ metadata: metadata.values }) ?? []
  ).entries()) {
    const field = `managedFields[${index}]`;
    for (const { message, reason } of nameCauses(name, field)) {
      metadata.invalid(`${field}.manager`, message, reason);
    }
    checkBytes(metadata, `${field}.subresource`, Buffer.byteLength(subresource), longestSubresourceBytes);
  }
}

/** The longest annotations of an object, their keys included. */
const longestAnnotationBytes = 262_144;

function sentFields(fields: Fields): Partial<ObjectMeta> {
  checkLabels(fields);
  const labels = fields.texts("labels");
  const annotations = fields.texts("annotations");
  const texts = Object.entries(annotations ?? {})
    .flat()
    .join("");
  checkBytes(fields, "annotations", Buffer.byteLength(texts), longestAnnotationBytes);
  const others = Object.entries({ ...fields.values, labels, annotations }).filter(
    ([key, value]) => !systemFields.includes(key) && !isEmpty(value),
  );
  return Object.fromEntries(others);
}

/** Go leaves out all metadata that has nothing in it. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0)
  );
}

function suffix(): string {
  return Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("");
}
