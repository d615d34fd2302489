import type { Kubelet } from "../pods/kubelet.ts";
import type { Pod } from "../pods/pod.ts";
import type { ConfigStores } from "../pods/pod-config.ts";
import { completeConfigMap, completeSecret } from "./config-data.ts";
import { eventGroupResource } from "./event-group.ts";
import { recordPodEvents } from "./event-recorder.ts";
import { kindsOf, type ResourceKind, resourceKinds } from "./kinds.ts";
import { dnsLabel } from "./names.ts";
import { createNamespaces } from "./namespaces.ts";
import { newNode } from "./node.ts";
import { type KubernetesObject, keyOf } from "./object.ts";
import { type PlainOptions, plainStrategy } from "./plain.ts";
import { podStrategy } from "./pods.ts";
import { createResource, type Resource } from "./resource.ts";
import { createServiceCompletion } from "./service.ts";
import { createStore, type Revisions, type Store } from "./store.ts";

/** Everything that is stored, each resource by its kind. */
export interface Resources {
  readonly pods: Resource<Pod>;
  /** Those of the core group. */
  readonly events: Resource;
  /** Undefined for a kind that is not stored. */
  find(kind: ResourceKind): Resource | undefined;
}

export function createResources(
  revisions: Revisions,
  podStore: Store,
  configs: ConfigStores,
  kubelet: Kubelet,
  gitVersion: string,
): Resources {
  const found = new Map<ResourceKind, Resource>();
  const add = <T extends KubernetesObject>(resource: Resource<T>): Resource<T> => {
    found.set(resource.kind, resource);
    return resource;
  };
  const namespaceKind = coreKindOf("namespaces");
  const namespaceStore = createStore<KubernetesObject>(revisions);
  const namespaces = createNamespaces(namespaceKind, namespaceStore, async (namespace, options) => {
    const inside = [...found.values()].filter(({ kind }) => kind.namespaced && kind.group === "");
    const contents = inside.flatMap((resource) =>
      resource.objects.list(namespace).map(({ metadata }) => ({ resource, metadata })),
    );
    // The preconditions are those of the namespace.
    const each = { ...options, check: () => undefined };
    const deleted = contents.map(({ resource, metadata }) => resource.delete(namespace, metadata.name, each));
    await Promise.allSettled(deleted);
    await Promise.all(contents.map(({ resource, metadata }) => isGone(resource, keyOf(metadata))));
  });
  add(createResource(namespaceKind, namespaceStore, namespaces.strategy, namespaces.check));

  const kept: Readonly<Record<string, PlainOptions>> = {
    configmaps: { complete: completeConfigMap },
    nodes: {},
    secrets: { complete: completeSecret },
    serviceaccounts: {},
    services: { names: dnsLabel, complete: createServiceCompletion() },
  };
  const stored: Readonly<Record<string, Store<KubernetesObject>>> = { ...configs };
  for (const [name, options] of Object.entries(kept)) {
    const kind = coreKindOf(name);
    const store = stored[name] ?? createStore<KubernetesObject>(revisions);
    add(createResource(kind, store, plainStrategy(kind, options), namespaces.check));
  }
  const podKind = coreKindOf("pods");
  const pods = add(createResource(podKind, podStore, podStrategy(podStore, kubelet), namespaces.check));
  const eventKind = coreKindOf("events");
  const eventStore = createStore<KubernetesObject>(revisions);
  const events = add(createResource(eventKind, eventStore, plainStrategy(eventKind), namespaces.check));
  const resources: Resources = { pods, events, find: (kind) => found.get(kind) };
  resources.find(coreKindOf("nodes"))?.create(undefined, newNode(gitVersion));
  recordPodEvents(podStore, kubelet, events);
  for (const kind of kindsOf("events.k8s.io/v1")) add(eventGroupResource(kind, events));
  return resources;
}

/** Resolves when an object is there no more. */
function isGone({ objects }: Resource, key: string): Promise<void> {
  return new Promise((resolve) => {
    if (!objects.list().some(({ metadata }) => keyOf(metadata) === key)) {
      resolve();
      return;
    }
    const stop = objects.follow(objects.version, ({ type, object }) => {
      if (type !== "DELETED" || keyOf(object.metadata) !== key) return;
      stop?.();
      resolve();
    });
  });
}

function coreKindOf(name: string): ResourceKind {
  const kind = resourceKinds.find((one) => one.group === "" && one.name === name);
  if (!kind) throw new RangeError(`there is no kind of the name ${name}`);
  return kind;
}
