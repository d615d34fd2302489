import { configMap, get, inDefault, patch, post, put, remove } from "./rest-requests.ts";
import type { Action } from "./rest-transcript.ts";

const path = inDefault("configmaps", "NAME-managed");
const shows = ["metadata.managedFields"];
const entry = {
  manager: "x",
  operation: "Update",
  apiVersion: "v1",
  time: "2026-01-01T00:00:00Z",
  fieldsType: "FieldsV1",
  fieldsV1: { "f:data": { "f:a": {} } },
};
const managed = (...managedFields: unknown[]) => ({
  ...configMap,
  metadata: { name: "NAME-managed", managedFields },
});
const shown = (action: Action): Action => ({ ...action, shows });

/** Lists of managers that a client sends, and whether they are taken. */
const lists: Readonly<Record<string, readonly unknown[]>> = {
  "one of them": [entry],
  "an applier": [{ ...entry, operation: "Apply" }],
  none: [],
  "one of nothing": [{}],
  "another operation": [{ ...entry, operation: "Swap" }],
  "no operation": [{ ...entry, operation: undefined }],
  "another operation beside a right one": [entry, { ...entry, operation: "Swap" }],
  "no version": [{ ...entry, apiVersion: "" }],
  "a version that is not there": [{ ...entry, apiVersion: "v7" }],
  "another type of fields": [{ ...entry, fieldsType: "FieldsV2" }],
  "no type of fields": [{ ...entry, fieldsType: undefined }],
  "no fields": [{ ...entry, fieldsV1: undefined }],
  "a field that is not there": [{ ...entry, fieldsV1: { "f:none": {} } }],
  "a field without a kind": [{ ...entry, fieldsV1: { data: {} } }],
  "a field of an unknown kind": [{ ...entry, fieldsV1: { "x:data": {} } }],
  "a field of a number": [{ ...entry, fieldsV1: { "f:data": 5 } }],
  "a key that is no JSON": [{ ...entry, fieldsV1: { "k:{": {} } }],
  "a value that is no JSON": [{ ...entry, fieldsV1: { "v:{": {} } }],
  "an index that is none": [{ ...entry, fieldsV1: { "i:x": {} } }],
  "a long name": [{ ...entry, manager: "x".repeat(129) }],
  "a name that cannot be printed": [{ ...entry, manager: "a\u0007\u00e4" }],
  "a long part": [{ ...entry, subresource: "x".repeat(257) }],
  "a time that is none": [{ ...entry, time: "now" }],
  "no object": [5],
};

/** Who manages an object: what a client may say of it, and how many there may be. */
export const managerActions: readonly Action[] = [
  shown(post("managers: of a new object", `${inDefault("configmaps")}?fieldManager=m00`, managed(entry))),
  ...Object.entries(lists).map(([what, list]) =>
    shown(put(`managers: ${what}`, `${path}?dryRun=All&fieldManager=y`, managed(...list))),
  ),
  shown(patch("managers: patched", "merge", `${path}?dryRun=All`, { metadata: { managedFields: [entry] } })),
  shown(patch("managers: patched away", "merge", `${path}?dryRun=All`, { metadata: { managedFields: [] } })),
  shown(
    patch("managers: patched to null", "merge", `${path}?dryRun=All`, { metadata: { managedFields: null } }),
  ),
  patch("managers: applied", "apply", `${path}?fieldManager=y`, managed(entry)),
  patch("managers: an apply of none", "apply", `${path}?fieldManager=y`, managed()),
  ...["POST", "PUT", "PATCH", "APPLY"].flatMap((method) =>
    Object.entries({ long: "x".repeat(129), unprintable: "a%07b" }).map(([what, name]) => {
      const id = `managers: a name that is ${what}, by ${method}`;
      const query = `?fieldManager=${name}&dryRun=All`;
      if (method === "POST") return post(id, inDefault("configmaps") + query, configMap);
      if (method === "PUT") return put(id, path + query, managed());
      return patch(id, method === "PATCH" ? "merge" : "apply", path + query, managed());
    }),
  ),
  // More than ten that update, the last of them in two parts.
  ...Array.from({ length: 12 }, (_, index) => {
    const name = `m${String(index + 1).padStart(2, "0")}`;
    return patch(`managers: ${name}`, "merge", `${path}?fieldManager=${name}`, { data: { [name]: "1" } });
  }),
  shown(get("managers: at most ten update", path)),
  shown(
    patch("managers: an applier besides", "apply", `${path}?fieldManager=z`, {
      ...configMap,
      metadata: { name: "NAME-managed" },
      data: { z: "1" },
    }),
  ),
  remove("managers: deleted", path),
];
