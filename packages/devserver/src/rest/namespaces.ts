import { isDeepStrictEqual } from "node:util";
import { timestamp } from "../pods/pod.ts";
import { listAt, objectAt, textAt } from "../schema/json.ts";
import { notFound, refusal } from "../status.ts";
import type { Fields } from "./fields.ts";
import { endUnlessHeld } from "./finalizers.ts";
import type { ResourceKind } from "./kinds.ts";
import { dnsLabel } from "./names.ts";
import type { FillNamespace } from "./namespace-contents.ts";
import { emptyNamespace, endConditionsOf } from "./namespace-end.ts";
import type { KubernetesObject } from "./object.ts";
import { plainStrategy } from "./plain.ts";
import type { Resource, Strategy } from "./resource.ts";
import { sized } from "./storage.ts";
import type { Store } from "./store.ts";

const lasting: readonly string[] = ["default", "kube-public", "kube-system"];
const initial: readonly string[] = [...lasting, "kube-node-lease"];

/** The namespaces: those that every cluster has, and how one ends, with all that is in it. */
export interface Namespaces {
  readonly strategy: Strategy<KubernetesObject>;
  /** Throws the refusal of a new object in a namespace that is not there, or that ends. */
  check(namespace: string, kind: ResourceKind, name: string): void;
}

export function createNamespaces(
  kind: ResourceKind,
  store: Store<KubernetesObject>,
  /** Those of the objects in namespaces. */
  resources: () => readonly Resource[],
  /** Puts into a new namespace what each has. */
  fill: FillNamespace,
): Namespaces {
  const plain = plainStrategy(kind, {
    names: dnsLabel,
    complete: (fields: Fields, before) => ({
      ...fields.values,
      spec: before?.["spec"] ?? { finalizers: ["kubernetes"] },
      status: before?.["status"] ?? { phase: "Active" },
    }),
  });
  const named = (object: KubernetesObject): KubernetesObject => {
    const labels = { ...object.metadata.labels, "kubernetes.io/metadata.name": object.metadata.name };
    return { ...object, metadata: { ...object.metadata, labels } };
  };
  /** When it is empty: it is gone, or what it was for is, where finalizers hold it. */
  const end = (name: string, uid: string): void =>
    endUnlessHeld(store, { name, uid }, (one) => ({ ...one, spec: {} }));
  /** Says in the status of one that ends what remains in it. */
  const tell = (name: string, uid: string, remaining: Parameters<typeof endConditionsOf>[1]): void => {
    store.update("", name, (one) => {
      if (one.metadata.uid !== uid) return one;
      const before = objectAt(one, "status");
      const conditions = endConditionsOf(listAt(before, "conditions"), remaining);
      if (isDeepStrictEqual(conditions, before["conditions"])) return one;
      return { ...one, status: { ...before, conditions } };
    });
  };
  const strategy: Strategy<KubernetesObject> = {
    create: (body) => named(plain.create(body, undefined)),
    update: (before, body) => named(plain.update(before, body)),
    created: ({ metadata }) => fill(metadata.name),
    async delete(before) {
      const { name, uid, deletionTimestamp } = before.metadata;
      if (lasting.includes(name)) {
        const message = `namespaces "${name}" is forbidden: this namespace may not be deleted`;
        throw refusal(403, "Forbidden", message, { name, kind: "namespaces" });
      }
      if (deletionTimestamp !== undefined) return before;
      const ending = { status: { phase: "Terminating" } };
      const going = store.update("", name, (one) => ({
        ...one,
        metadata: { ...one.metadata, deletionTimestamp: timestamp() },
        ...ending,
      }));
      // The answer comes before the end, as the namespace stays to be seen until then.
      void emptyNamespace(name, resources(), (remaining) => tell(name, uid, remaining)).then(() =>
        end(name, uid),
      );
      return going ?? Promise.reject(notFound("namespaces", name));
    },
  };
  for (const name of initial) store.insert(sized(strategy.create({ metadata: { name } }, undefined)));
  return {
    strategy,
    check(namespace, { name: resource }, name) {
      const found = store.read("", namespace);
      if (!found) throw notFound("namespaces", namespace);
      if (textAt(found, "status", "phase") !== "Terminating") return;
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
      const cause = {
        reason: "NamespaceTerminating",
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      };
      throw refusal(403, "Forbidden", `${resource} "${name}" is forbidden: ${why}`, {
        name,
        kind: resource,
        causes: [cause],
      });
    },
  };
}
