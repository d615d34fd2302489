import { configMap, get, inDefault, patch } from "./rest-requests.ts";
import type { Action } from "./rest-transcript.ts";

const cm = inDefault("configmaps", "NAME");

/** Patches of the config map `NAME`, and watches of it and others. */
export const patchActions: readonly Action[] = [
  // Patches.
  patch("merge: no object", "merge", cm, "[]"),
  patch("merge: no JSON", "merge", cm, "{"),
  patch("merge: an empty body", "merge", cm, ""),
  patch("merge: a number for a text", "merge", cm, { data: { a: 1 } }),
  patch("merge: another name", "merge", cm, { metadata: { name: "other" } }),
  patch("merge: an old version", "merge", cm, { metadata: { resourceVersion: "1" } }),
  patch("json: no list", "json", cm, {}),
  patch("json: no operation", "json", cm, [{ op: "swap", path: "/a" }]),
  patch("json: a path that is not there", "json", cm, [{ op: "remove", path: "/data/none" }]),
  patch("json: a test that does not hold", "json", cm, [{ op: "test", path: "/metadata/name", value: "x" }]),
  patch("strategic: a wrong directive", "strategic", cm, { metadata: { $patch: "swap" } }),
  patch("strategic: done", "strategic", cm, { data: { b: "1" } }),
  patch("apply: no manager", "apply", cm, configMap),
  patch("apply: no kind", "apply", `${cm}?fieldManager=x`, { metadata: { name: "NAME" } }),
  patch("apply: another name", "apply", `${cm}?fieldManager=x`, {
    ...configMap,
    metadata: { name: "other" },
  }),
  patch("apply: done", "apply", `${cm}?fieldManager=x`, configMap),
  patch("apply: a conflict", "apply", `${cm}?fieldManager=y`, { ...configMap, data: { a: "2" } }),
  { id: "a patch of no type", method: "PATCH", path: cm, body: {}, type: "application/json" },

  // Watches.
  get("watch: a wrong version", `${inDefault("configmaps")}?watch=true&resourceVersion=x`),
  get("watch: a wrong selector", `${inDefault("configmaps")}?watch=true&fieldSelector=x`),
  get(
    "watch: a match without initial events",
    `${inDefault("configmaps")}?watch=true&resourceVersionMatch=NotOlderThan`,
  ),
  get(
    "watch: initial events without a match",
    `${inDefault("configmaps")}?watch=true&sendInitialEvents=true`,
  ),
  get("list: a wrong match", `${inDefault("configmaps")}?resourceVersion=1&resourceVersionMatch=Sometimes`),
];
