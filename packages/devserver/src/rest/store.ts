import type { Pod } from "../pods/pod.ts";
import { type KubernetesObject, keyOf } from "./object.ts";

/** One change: the object after it (for DELETED, as it last was) and before it. */
export interface Change<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  readonly object: T;
  readonly before: T | undefined;
}

/** The objects of one resource to read and to follow. */
export interface Reader<T> {
  /** The number of the last change, of whatever resource. */
  readonly version: number;
  read(namespace: string, name: string): T | undefined;
  /** Those of one namespace, or all, in the order of their keys. */
  list(namespace?: string): T[];
  /** Calls for every change after a version; undefined when some of them are forgotten. */
  follow(version: number, listener: (change: Change<T>) => void): (() => void) | undefined;
}

/** All objects of one resource, each change numbered and told in order. Without a namespace it is empty. */
export interface Store<T extends KubernetesObject = Pod> extends Reader<T> {
  insert(object: T): T;
  /** Replaces an object by what `change` makes of it, if that is another one; undefined when it is gone. */
  update(namespace: string, name: string, change: (object: T) => T): T | undefined;
  remove(namespace: string, name: string): void;
}

/** Numbers the changes of all stores that share it, as one etcd does. */
export interface Revisions {
  readonly current: number;
  next(): number;
}

const rememberedChanges = 1_000;

export function createRevisions(): Revisions {
  let current = 1;
  return {
    get current() {
      return current;
    },
    next: () => ++current,
  };
}

export function createStore<T extends KubernetesObject = Pod>(revisions = createRevisions()): Store<T> {
  const objects = new Map<string, T>();
  const listeners = new Set<(change: Change<T>) => void>();
  let changes: Change<T>[] = [];
  /** The last change that is no longer remembered. */
  let forgotten = 0;

  const record = (type: Change<T>["type"], object: T, before: T | undefined): T => {
    const version = revisions.next();
    const numbered: T = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const change = { type, version, object: numbered, before };
    const key = keyOf(object.metadata);
    if (type === "DELETED") objects.delete(key);
    else objects.set(key, numbered);
    changes.push(change);
    if (changes.length > 2 * rememberedChanges) {
      forgotten = changes.at(-rememberedChanges - 1)?.version ?? 0;
      changes = changes.slice(-rememberedChanges);
    }
    for (const listener of [...listeners]) listener(change);
    return numbered;
  };

  return {
    get version() {
      return revisions.current;
    },
    read: (namespace, name) => objects.get(keyOf({ namespace, name })),
    list(namespace) {
      return [...objects]
        .filter(([, { metadata }]) => namespace === undefined || metadata.namespace === namespace)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([, object]) => object);
    },
    insert: (object) => record("ADDED", object, undefined),
    update(namespace, name, change) {
      const before = objects.get(keyOf({ namespace, name }));
      const after = before && change(before);
      return after === before ? before : after && record("MODIFIED", after, before);
    },
    remove(namespace, name) {
      const before = objects.get(keyOf({ namespace, name }));
      if (before) record("DELETED", before, before);
    },
    follow(from, listener) {
      if (from < forgotten) return undefined;
      for (const change of changes.filter((one) => one.version > from)) listener(change);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
