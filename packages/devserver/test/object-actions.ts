import { configMap, get, inDefault, patch, pod, post, put, remove } from "./rest-requests.ts";
import type { Action } from "./rest-transcript.ts";

const kinds = ["configmaps", "events", "pods", "secrets", "serviceaccounts", "services"];
/** Kinds that are only kept, of which each has an object `NAME`. */
export const kept = { configmaps: "ConfigMap", secrets: "Secret", serviceaccounts: "ServiceAccount" };

const heldMap = inDefault("configmaps", "NAME-held");
const held = (...finalizers: string[]) => ({ ...configMap, metadata: { name: "NAME-held", finalizers } });

/** What is asked of objects that are not there, that are wrong, and that finalizers hold. */
export const objectActions: readonly Action[] = [
  // What is not there, of each kind and by each way.
  ...kinds.flatMap((kind) => [
    get(`${kind}: get none`, inDefault(kind, "none-NAME")),
    remove(`${kind}: delete none`, inDefault(kind, "none-NAME")),
    patch(`${kind}: patch none`, "merge", inDefault(kind, "none-NAME"), {}),
    post(`${kind}: to an object`, inDefault(kind, "NAME"), {}),
    put(`${kind}: replace all`, inDefault(kind), {}),
    post(`${kind}: an empty body`, inDefault(kind), ""),
    post(`${kind}: no JSON`, inDefault(kind), "{"),
    post(`${kind}: a list`, inDefault(kind), "[]"),
    post(`${kind}: another kind`, inDefault(kind), {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "NAME" },
    }),
    post(`${kind}: another media type`, inDefault(kind), "x", { type: "text/plain" }),
    get(`${kind}: another format`, inDefault(kind), { accept: "text/html" }),
    get(`${kind}: a wrong label selector`, `${inDefault(kind)}?labelSelector=a%20b`),
    get(`${kind}: a wrong field selector`, `${inDefault(kind)}?fieldSelector=spec.colour%3Dred`),
    get(`${kind}: a field selector that is none`, `${inDefault(kind)}?fieldSelector=x`),
    get(`${kind}: a wrong limit`, `${inDefault(kind)}?limit=x`),
    get(`${kind}: a wrong continue`, `${inDefault(kind)}?continue=bm90aGluZw`),
    get(`${kind}: a wrong version`, `${inDefault(kind)}?resourceVersion=x`),
    get(`${kind}: initial events of a list`, `${inDefault(kind)}?sendInitialEvents=true`),
    get(`${kind}: a match without a version`, `${inDefault(kind)}?resourceVersionMatch=Exact`),
    get(`${kind}: a subresource that is not there`, `${inDefault(kind, "NAME")}/nothing`),
  ]),
  get("namespaces: get none", "/api/v1/namespaces/none-NAME"),
  get("nodes: get none", "/api/v1/nodes/none-NAME"),
  get("pods of a namespace that is not there", "/api/v1/namespaces/none-NAME/pods"),
  remove("namespaces: delete all", "/api/v1/namespaces"),
  remove("namespaces: delete default", "/api/v1/namespaces/default"),
  get("a resource that is not there", inDefault("nothings")),
  get("a group that is not there", "/apis/nothing.example.com/v1/nothings"),
  get("a path that is not there", "/nothing"),
  post("a Pod outside of a namespace", "/api/v1/pods", pod),
  post("in a namespace that is not there", "/api/v1/namespaces/none-NAME/configmaps", configMap),
  post("in another namespace than its own", inDefault("configmaps"), {
    ...configMap,
    metadata: { name: "NAME", namespace: "other" },
  }),

  // Objects that are wrong.
  ...Object.entries(kept).flatMap(([resource, kind]) => [
    post(`${resource}: no name`, inDefault(resource), { metadata: {} }),
    post(`${resource}: a wrong name`, inDefault(resource), { metadata: { name: "Bad_NAME" } }),
    post(`${resource}: created`, inDefault(resource), { apiVersion: "v1", kind, metadata: { name: "NAME" } }),
    post(`${resource}: created again`, inDefault(resource), { metadata: { name: "NAME" } }),
    put(`${resource}: replaced by another name`, inDefault(resource, "NAME"), {
      metadata: { name: "other" },
    }),
    put(`${resource}: replaced by another uid`, inDefault(resource, "NAME"), {
      metadata: { name: "NAME", uid: "5d3a4f8e-0000-4000-8000-000000000000" },
    }),
    put(`${resource}: replaced by an old version`, inDefault(resource, "NAME"), {
      metadata: { name: "NAME", resourceVersion: "1" },
    }),
    remove(`${resource}: deleted with another uid`, inDefault(resource, "NAME"), {
      preconditions: { uid: "5d3a4f8e-0000-4000-8000-000000000000" },
    }),
    remove(`${resource}: deleted with an old version`, inDefault(resource, "NAME"), {
      preconditions: { resourceVersion: "1" },
    }),
    remove(`${resource}: deleted in a wrong dry run`, `${inDefault(resource, "NAME")}?dryRun=yes`),
  ]),
  post("a wrong dry run", `${inDefault("configmaps")}?dryRun=yes`, configMap),
  post("a number for a text", inDefault("configmaps"), { ...configMap, data: { a: 1 } }),
  post("a wrong key", inDefault("configmaps"), { metadata: { name: "NAME-2" }, data: { "a b": "" } }),
  post("an unknown field, strictly", `${inDefault("configmaps")}?fieldValidation=Strict`, {
    ...configMap,
    dada: {},
  }),
  post("a wrong label", inDefault("configmaps"), { metadata: { name: "NAME-2", labels: { "a b": "c d" } } }),
  post("a Service without ports", inDefault("services"), { metadata: { name: "NAME" } }),
  post("a Service of a wrong name", inDefault("services"), {
    metadata: { name: "NAME_1" },
    spec: { ports: [{ port: 80 }] },
  }),
  post("a Service of a wrong port", inDefault("services"), {
    metadata: { name: "NAME" },
    spec: { ports: [{ port: 70000 }] },
  }),
  post("a Pod without containers", inDefault("pods"), { ...pod, spec: {} }),
  post("a Pod of no image", inDefault("pods"), { ...pod, spec: { containers: [{ name: "main" }] } }),
  post("a Pod of two containers of a name", inDefault("pods"), {
    ...pod,
    spec: { containers: [...pod.spec.containers, ...pod.spec.containers] },
  }),
  post("a Pod of a wrong restart policy", inDefault("pods"), {
    ...pod,
    spec: { ...pod.spec, restartPolicy: "Often" },
  }),
  post("a Pod of a wrong command", inDefault("pods"), {
    ...pod,
    spec: { containers: [{ name: "main", image: "x", command: "sh" }] },
  }),

  // Finalizers.
  post("finalizers: one without a domain", inDefault("configmaps"), held("nodomain")),
  post("finalizers: a wrong name", inDefault("configmaps"), held("Bad name/x y", "a/b/c")),
  post("finalizers: two that contradict", inDefault("configmaps"), held("orphan", "foregroundDeletion")),
  post("finalizers: one", inDefault("configmaps"), held("example.com/x")),
  remove("finalizers: in a dry run", `${heldMap}?dryRun=All`),
  get("finalizers: after a dry run", heldMap),
  remove("finalizers: deleted", heldMap),
  remove("finalizers: deleted again", heldMap),
  post("finalizers: created anew", inDefault("configmaps"), held()),
  patch("finalizers: another one", "merge", heldMap, {
    metadata: { finalizers: ["example.com/x", "example.com/z", "example.com/y"] },
  }),
  patch("finalizers: a change", "merge", heldMap, { data: { a: "2" } }),
  patch("finalizers: none any more, in a dry run", "merge", `${heldMap}?dryRun=All`, {
    metadata: { finalizers: null },
  }),
  patch("finalizers: none any more", "merge", heldMap, { metadata: { finalizers: null } }),
  get("finalizers: gone", heldMap),
];
