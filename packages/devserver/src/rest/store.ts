import type { Pod } from "../pods/pod.ts";

/** One change: the Pod after it (for DELETED, as it last was) and before it. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  readonly pod: Pod;
  readonly before: Pod | undefined;
}

/** All Pods, each change numbered and told in order. */
export interface Store {
  /** The number of the last change. */
  readonly version: number;
  read(namespace: string, name: string): Pod | undefined;
  /** Those of one namespace, or all, in the order of their keys. */
  list(namespace?: string): Pod[];
  insert(pod: Pod): Pod;
  /** Replaces a Pod by what `change` makes of it, if that is another one; undefined when it is gone. */
  update(namespace: string, name: string, change: (pod: Pod) => Pod): Pod | undefined;
  remove(namespace: string, name: string): void;
  /** Calls for every change after a version; undefined when the changes right after it are forgotten. */
  follow(version: number, listener: (change: Change) => void): (() => void) | undefined;
}

const rememberedChanges = 1_000;

export function createStore(): Store {
  const pods = new Map<string, Pod>();
  const listeners = new Set<(change: Change) => void>();
  let changes: Change[] = [];
  let version = 1;

  const record = (type: Change["type"], pod: Pod, before: Pod | undefined): Pod => {
    version += 1;
    const numbered: Pod = { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } };
    const change = { type, version, pod: numbered, before };
    const key = keyOf(pod.metadata.namespace, pod.metadata.name);
    if (type === "DELETED") pods.delete(key);
    else pods.set(key, numbered);
    changes.push(change);
    if (changes.length > 2 * rememberedChanges) changes = changes.slice(-rememberedChanges);
    for (const listener of [...listeners]) listener(change);
    return numbered;
  };

  return {
    get version() {
      return version;
    },
    read: (namespace, name) => pods.get(keyOf(namespace, name)),
    list(namespace) {
      return [...pods]
        .filter(([, pod]) => namespace === undefined || pod.metadata.namespace === namespace)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([, pod]) => pod);
    },
    insert: (pod) => record("ADDED", pod, undefined),
    update(namespace, name, change) {
      const before = pods.get(keyOf(namespace, name));
      const after = before && change(before);
      return after === before ? before : after && record("MODIFIED", after, before);
    },
    remove(namespace, name) {
      const before = pods.get(keyOf(namespace, name));
      if (before) record("DELETED", before, before);
    },
    follow(from, listener) {
      const oldest = changes[0]?.version ?? version + 1;
      if (from < oldest - 1) return undefined;
      for (const change of changes.filter((one) => one.version > from)) listener(change);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** Sorts as the real server's keys do: by namespace, then by name. */
export function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
