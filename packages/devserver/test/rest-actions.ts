import type { Action } from "./rest-transcript.ts";

// What is asked of a devserver and of a real cluster; `NAME` is a name of the run.

const inDefault = (resource: string, name?: string): string =>
  `/api/v1/namespaces/default/${resource}${name === undefined ? "" : `/${name}`}`;
const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "NAME" }, data: { a: "1" } };
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "NAME" },
  spec: {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image: "local/busybox:1", command: ["sleep", "1000"] }],
  },
};
const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

const get = (id: string, path: string, more: Partial<Action> = {}): Action => ({
  id,
  method: "GET",
  path,
  ...more,
});
const post = (id: string, path: string, body: unknown, more: Partial<Action> = {}): Action => ({
  id,
  method: "POST",
  path,
  body,
  ...more,
});
const put = (id: string, path: string, body: unknown): Action => ({ id, method: "PUT", path, body });
const patch = (id: string, type: keyof typeof patchTypes, path: string, body: unknown): Action => ({
  id,
  method: "PATCH",
  path,
  body,
  type: patchTypes[type],
});
const remove = (id: string, path: string, body?: unknown): Action => ({ id, method: "DELETE", path, body });

const kinds = ["configmaps", "events", "pods", "secrets", "serviceaccounts", "services"];
const kept = { configmaps: "ConfigMap", secrets: "Secret", serviceaccounts: "ServiceAccount" };
const cm = inDefault("configmaps", "NAME");

const heldMap = inDefault("configmaps", "NAME-held");
const held = (...finalizers: string[]) => ({ ...configMap, metadata: { name: "NAME-held", finalizers } });

const commandOf = (script: string): string =>
  ["sh", "-c", script].map((part) => `command=${encodeURIComponent(part)}`).join("&");
const session = (protocol: string, id: string, target: string): Action =>
  get(`${protocol}: ${id}`, inDefault("pods", target.startsWith("none/") ? target : `NAME/${target}`), {
    protocol,
  });

export const restActions: readonly Action[] = [
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

  // Sessions without an upgrade, and of Pods that are not there.
  get("exec without an upgrade", `${inDefault("pods", "none-NAME")}/exec?command=true&stdout=true`),
  get("log of none", `${inDefault("pods", "none-NAME")}/log`),
  post("a log that is posted", `${inDefault("pods", "none-NAME")}/log`, {}),
  // Sessions: their bytes, and why there is none.
  post("a Pod", inDefault("pods"), pod),
  get("the Pod runs", inDefault("pods", "NAME"), { until: '"phase":"Running"' }),
  ...[
    "v5.channel.k8s.io",
    "v4.channel.k8s.io",
    "v4.base64.channel.k8s.io",
    "channel.k8s.io",
    "base64.channel.k8s.io",
  ].flatMap((protocol) => [
    session(protocol, "an output", `exec?${commandOf("echo hi")}&stdout=true`),
    session(protocol, "an exit code", `exec?${commandOf("exit 3")}&stdout=true&stderr=true`),
    session(protocol, "an error output alone", `exec?${commandOf("echo no >&2")}&stderr=true`),
    session(protocol, "stdin that is not sent", `exec?${commandOf("echo hi")}&stdin=true&stdout=true`),
    session(protocol, "no stream", `exec?${commandOf("true")}`),
    session(protocol, "no container", `exec?${commandOf("true")}&stdout=true&container=zz`),
    session(protocol, "no Pod", "none/exec?command=true&stdout=true"),
    session(protocol, "attach without a container of the name", "attach?stdout=true&container=zz"),
    session(protocol, "attach without a stream", "attach"),
  ]),
  // Their words have an identity, which base64 would hide.
  ...["v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"].flatMap((protocol) => [
    session(protocol, "no program", "exec?command=/no/such&stdout=true"),
    session(protocol, "no command", "exec?stdout=true"),
  ]),
  ...["v6.channel.k8s.io", "portforward.k8s.io", "V4.channel.k8s.io"].map((protocol) =>
    session(protocol, "an output", `exec?${commandOf("echo hi")}&stdout=true`),
  ),
  ...["v4.channel.k8s.io", "v4.base64.channel.k8s.io", "v5.channel.k8s.io", "channel.k8s.io"].flatMap(
    (protocol) => [
      session(protocol, "no port", "portforward"),
      session(protocol, "port 0", "portforward?ports=0"),
      session(protocol, "a port that is none", "portforward?ports=x"),
      session(protocol, "a port out of range", "portforward?ports=70000"),
    ],
  ),
  remove("the Pod deleted", `${inDefault("pods", "NAME")}?gracePeriodSeconds=0`),
  // Nothing stays behind.
  ...Object.keys(kept).map((resource) => remove(`${resource}: deleted`, inDefault(resource, "NAME"))),
];
