import type { Kubelet } from "../pods/kubelet.ts";
import type { Pod } from "../pods/pod.ts";
import type { ConfigStores } from "../pods/pod-config.ts";
import { completeConfigMap, completeSecret } from "./config-data.ts";
import { eventGroupResource } from "./event-group.ts";
import { recordPodEvents } from "./event-recorder.ts";
import { kindsOf, type ResourceKind, resourceKinds } from "./kinds.ts";
import { dnsLabel } from "./names.ts";
import { type FillNamespace, keepNamespacesFilled } from "./namespace-contents.ts";
import { createNamespaces } from "./namespaces.ts";
import { newNode } from "./node.ts";
import type { KubernetesObject } from "./object.ts";
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
  /** The server's authority; PEM. */
  ca: string,
): Resources {
  const found = new Map<ResourceKind, Resource>();
  const add = <T extends KubernetesObject>(resource: Resource<T>): Resource<T> => {
    found.set(resource.kind, resource);
    return resource;
  };
  const namespaceKind = coreKindOf("namespaces");
  const namespaceStore = createStore<KubernetesObject>(revisions);
  let fill: FillNamespace = () => undefined;
  const namespaces = createNamespaces(
    namespaceKind,
    namespaceStore,
    () => [...found.values()].filter(({ kind }) => kind.namespaced && kind.group === ""),
    (name) => fill(name),
  );
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
  const resourceOf = (name: string): Resource => {
    const resource = found.get(coreKindOf(name));
    if (!resource) throw new RangeError(`nothing is kept of ${name}`);
    return resource;
  };
  const podKind = coreKindOf("pods");
  const pods = add(createResource(podKind, podStore, podStrategy(podStore, kubelet), namespaces.check));
  const eventKind = coreKindOf("events");
  const eventStore = createStore<KubernetesObject>(revisions);
  const events = add(createResource(eventKind, eventStore, plainStrategy(eventKind), namespaces.check));
  fill = keepNamespacesFilled(namespaceStore, resourceOf("serviceaccounts"), resourceOf("configmaps"), ca);
  for (const { metadata } of namespaceStore.list()) fill(metadata.name);
  const resources: Resources = { pods, events, find: (kind) => found.get(kind) };
  resourceOf("nodes").create(undefined, newNode(gitVersion));
  recordPodEvents(podStore, kubelet, events);
  for (const kind of kindsOf("events.k8s.io/v1")) add(eventGroupResource(kind, events));
  return resources;
}

function coreKindOf(name: string): ResourceKind {
  const kind = resourceKinds.find((one) => one.group === "" && one.name === name);
  if (!kind) throw new RangeError(`there is no kind of the name ${name}`);
  return kind;
}
