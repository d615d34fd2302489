import { EventEmitter, on } from "node:events";
import { makeInformer, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { api, config, namespace, say } from "./cluster.mjs";

// Config maps as they come, change and go.

const label = `client-node-${Date.now()}-${process.pid}`;
const labelSelector = `of=${label}`;
const create = (suffix) =>
  api.createNamespacedConfigMap({
    namespace,
    body: { metadata: { name: label + suffix, labels: { of: label } }, data: { key: "one" } },
  });

await create("-before");
const informer = makeInformer(
  config,
  `/api/v1/namespaces/${namespace}/configmaps`,
  () => api.listNamespacedConfigMap({ namespace, labelSelector }),
  labelSelector,
);
const seen = new EventEmitter();
const events = on(seen, "event");
for (const verb of ["add", "update", "delete"]) {
  informer.on(verb, ({ metadata, data }) => {
    seen.emit("event", [verb, metadata.name.slice(label.length), data.key]);
  });
}
// It also says that it was stopped.
informer.on("error", console.error);
const tell = async () => say("event", (await events.next()).value[0]);
await informer.start();
try {
  await tell();
  await create("-after");
  await tell();
  await api.patchNamespacedConfigMap(
    { namespace, name: `${label}-after`, body: { data: { key: "two" } } },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );
  await tell();
  await api.deleteNamespacedConfigMap({ namespace, name: `${label}-before` });
  await tell();
  say("left", informer.list().length);
} finally {
  await informer.stop();
  await api.deleteCollectionNamespacedConfigMap({ namespace, labelSelector });
}
process.exit();
