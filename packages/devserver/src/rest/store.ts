import type { Pod } from "../pods/pod.ts";
import { type KubernetesObject, keyOf } from "./object.ts";
import { checkStorable, type Sized, sized } from "./storage.ts";

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
  /** Throws the refusal of an object that there is no room for, beside or in the place of what is there. */
  check(stored: Sized<T>): void;
  insert(stored: Sized<T>): T;
  /** Puts an object in the place of another; undefined when that is gone. */
  replace(namespace: string, name: string, stored: Sized<T>): T | undefined;
  /** Replaces an object by what `change` makes of it, if that is another one; undefined when it is gone. */
  update(namespace: string, name: string, change: (object: T) => T): T | undefined;
  remove(namespace: string, name: string): void;
}

/** Numbers the changes of all stores that share it, as one etcd does, and has room for so much. */
export interface Revisions {
  readonly current: number;
  next(): number;
  /** Bytes that all objects together may still grow by; less than 0 when what must be stored has taken more. */
  readonly freeBytes: number;
  /** The objects have grown, or shrunk. */
  grow(byteLength: number): void;
}

/** At least so many changes are remembered, of objects that are not large; twice as many at most. */
const rememberedChanges = 1_000;
const rememberedBytes = 16_777_216;

export function createRevisions(limitBytes = Number.POSITIVE_INFINITY): Revisions {
  let current = 1;
  let freeBytes = limitBytes;
  return {
    get current() {
      return current;
    },
    next: () => ++current,
    get freeBytes() {
      return freeBytes;
    },
    grow(byteLength) {
      freeBytes -= byteLength;
    },
  };
}

export function createStore<T extends KubernetesObject = Pod>(revisions = createRevisions()): Store<T> {
  const objects = new Map<string, T>();
  const sizes = new Map<string, number>();
  const listeners = new Set<(change: Change<T>) => void>();
  let changes: (Change<T> & { readonly byteLength: number })[] = [];
  let changedBytes = 0;
  /** The last change that is no longer remembered. */
  let forgotten = 0;

  const record = (type: Change<T>["type"], stored: Sized<T>, before: T | undefined): T => {
    const { object } = stored;
    const version = revisions.next();
    const resourceVersion = String(version);
    const numbered: T = { ...object, metadata: { ...object.metadata, resourceVersion } };
    const byteLength = stored.byteLength + resourceVersion.length - object.metadata.resourceVersion.length;
    const change = { type, version, object: numbered, before, byteLength };
    const key = keyOf(object.metadata);
    revisions.grow((type === "DELETED" ? 0 : byteLength) - (sizes.get(key) ?? 0));
    if (type === "DELETED") {
      objects.delete(key);
      sizes.delete(key);
    } else {
      objects.set(key, numbered);
      sizes.set(key, byteLength);
    }
    changes.push(change);
    changedBytes += byteLength;
    if (changes.length > 2 * rememberedChanges || changedBytes > 2 * rememberedBytes) forget();
    for (const listener of [...listeners]) listener(change);
    return numbered;
  };

  /** Forgets the oldest changes. */
  const forget = (): void => {
    let first = Math.max(0, changes.length - rememberedChanges);
    changedBytes = changes.slice(first).reduce((sum, { byteLength }) => sum + byteLength, 0);
    while (changedBytes > rememberedBytes) {
      changedBytes -= changes[first]?.byteLength ?? 0;
      first += 1;
    }
    forgotten = changes[first - 1]?.version ?? forgotten;
    changes = changes.slice(first);
  };

  return {
    get version() {
      return revisions.current;
    },
    check(stored) {
      checkStorable(stored, revisions.freeBytes + (sizes.get(keyOf(stored.object.metadata)) ?? 0));
    },
    read: (namespace, name) => objects.get(keyOf({ namespace, name })),
    list(namespace) {
      return [...objects]
        .filter(([, { metadata }]) => namespace === undefined || metadata.namespace === namespace)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([, object]) => object);
    },
    insert: (stored) => record("ADDED", stored, undefined),
    replace(namespace, name, stored) {
      const before = objects.get(keyOf({ namespace, name }));
      return before && record("MODIFIED", stored, before);
    },
    update(namespace, name, change) {
      const before = objects.get(keyOf({ namespace, name }));
      const after = before && change(before);
      return after === before ? before : after && record("MODIFIED", sized(after), before);
    },
    remove(namespace, name) {
      const key = keyOf({ namespace, name });
      const before = objects.get(key);
      if (before) record("DELETED", { object: before, byteLength: sizes.get(key) ?? 0 }, before);
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
