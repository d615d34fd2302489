import { isDeepStrictEqual } from "node:util";
import { timestamp } from "../pods/pod.ts";
import { type JsonObject, textAt } from "../schema/json.ts";
import { apiVersionOf, schemaOf } from "../schema/schema.ts";
import { badRequest, notFound, refusal } from "../status.ts";
import { conflict, type DeleteOptions } from "./delete-options.ts";
import { isHeld, isOver } from "./finalizers.ts";
import type { ResourceKind } from "./kinds.ts";
import { askedNameOf } from "./metadata.ts";
import type { KubernetesObject } from "./object.ts";
import { withEntries } from "./patch/managed-fields.ts";
import { updatedManagers } from "./patch/managers.ts";
import { isTooLarge, type Sized, sized } from "./storage.ts";
import type { Reader, Store } from "./store.ts";

/** The objects of one kind, as requests see them. Without a namespace it is the empty one. */
export interface Resource<T extends KubernetesObject = KubernetesObject> {
  readonly kind: ResourceKind;
  readonly objects: Reader<T>;
  create(namespace: string | undefined, body: JsonObject, options?: WriteOptions): T;
  read(namespace: string, name: string): T;
  /** Puts what `change` makes of the stored object in its place. */
  replace(namespace: string, name: string, change: (before: T) => JsonObject, options?: WriteOptions): T;
  /** Asks an object to end; the answer is the object, gone or going. */
  delete(namespace: string, name: string, options: DeleteOptions): Promise<T>;
}

export interface WriteOptions {
  /** Everything but storing it. */
  readonly dryRun?: boolean;
  /** The part that is meant, when it is not the whole. */
  readonly subresource?: string | undefined;
  /** Who owns the fields that are changed; nobody where it is devserver itself, or an apply, which says so itself. */
  readonly manager?: string;
}

/** What is particular to a kind. */
export interface Strategy<T extends KubernetesObject> {
  /** The object to store of one that was sent; throws its refusal. */
  create(body: JsonObject, namespace: string | undefined): T;
  /** The object to store in the place of another. */
  update(before: T, body: JsonObject, subresource?: string): T;
  created?(object: T): void;
  /** Ends an object that does not just go. */
  delete?(object: T, options: DeleteOptions): Promise<T>;
}

export function createResource<T extends KubernetesObject>(
  kind: ResourceKind,
  store: Store<T>,
  strategy: Strategy<T>,
  /** Throws the refusal of an object in a namespace that takes none. */
  checkNamespace: (namespace: string, kind: ResourceKind, name: string) => void,
): Resource<T> {
  const read = (namespace: string, name: string): T => {
    const object = store.read(namespace, name);
    if (!object) throw notFound(kind.name, name, kind.group);
    return object;
  };
  const schema = schemaOf(apiVersionOf(kind), kind.kind) ?? {};
  const owned = (
    { manager = "", subresource = "" }: WriteOptions,
    before: KubernetesObject | undefined,
    sent: JsonObject,
    after: T,
  ): T => {
    const updater = { name: manager, subresource };
    const object: KubernetesObject = after;
    const entries = updatedManagers(updater, before && { ...before }, [sent, { ...object }], schema);
    return { ...after, metadata: withEntries(after.metadata, entries) };
  };
  /**
   * What is too large with its managers is stored without them, but for an apply, which is refused: so Kubernetes 1.36
   * was seen to do.
   */
  const storable = (object: T, isApply: boolean): Sized<T> => {
    const whole = sized(object);
    const stored =
      isTooLarge(whole) && !isApply ? sized({ ...object, metadata: withEntries(object.metadata) }) : whole;
    store.check(stored);
    return stored;
  };
  return {
    kind,
    objects: store,
    read,
    create(namespace, body, { dryRun = false, manager } = {}) {
      // Nobody looks at what is for no namespace.
      if (namespace !== undefined) checkNamespace(namespace, kind, askedNameOf(body));
      const made = strategy.create(body, namespace);
      const object = manager === undefined ? made : owned({ manager }, undefined, body, made);
      const { name } = object.metadata;
      const taken = store.read(namespace ?? "", name);
      if (taken) throw alreadyExists(kind, taken);
      if (dryRun) return object;
      const stored = store.insert(storable(object, manager === undefined));
      strategy.created?.(stored);
      return stored;
    },
    replace(namespace, name, change, { dryRun = false, subresource, manager } = {}) {
      const before = read(namespace, name);
      const body = change(before);
      checkIdentity(kind, before, body);
      // Without what is undefined, as it is sent.
      const made: T = JSON.parse(JSON.stringify(strategy.update(before, body, subresource)));
      const after = manager === undefined ? made : owned({ manager, subresource }, before, body, made);
      if (isDeepStrictEqual(before, after)) return before;
      if (dryRun) return after;
      if (isOver(after)) {
        store.remove(namespace, name);
        return after;
      }
      const stored = storable(after, manager === undefined);
      return store.replace(namespace, name, stored) ?? stored.object;
    },
    async delete(namespace, name, options) {
      const object = read(namespace, name);
      options.check(object, kind);
      if (options.dryRun) return object;
      if (strategy.delete) return strategy.delete(object, options);
      if (isHeld(object)) return markDeleted(store, object);
      store.remove(namespace, name);
      return object;
    },
  };
}

function alreadyExists({ name: resource }: ResourceKind, { metadata }: KubernetesObject): Error {
  const { name, deletionTimestamp } = metadata;
  const going = deletionTimestamp === undefined ? "" : "object is being deleted: ";
  const message = `${going}${resource} "${name}" already exists`;
  return refusal(409, "AlreadyExists", message, { name, kind: resource });
}

/** It goes when it has no finalizers any more. */
function markDeleted<T extends KubernetesObject>(store: Store<T>, object: T): T {
  if (object.metadata.deletionTimestamp !== undefined) return object;
  const { namespace = "", name } = object.metadata;
  const deletion = { deletionTimestamp: timestamp(), deletionGracePeriodSeconds: 0 };
  return (
    store.update(namespace, name, (one) => ({ ...one, metadata: { ...one.metadata, ...deletion } })) ?? object
  );
}

function registryOf({ name }: ResourceKind): string {
  return { nodes: "minions", services: "services/specs" }[name] ?? name;
}

/** An update may say which object it is meant for, and must then be right. */
function checkIdentity(kind: ResourceKind, { metadata }: KubernetesObject, body: JsonObject): void {
  const sent = (field: string): string => textAt(body, "metadata", field);
  const { name, namespace = "", uid, resourceVersion } = metadata;
  if (sent("name") !== "" && sent("name") !== name) {
    throw badRequest(`the name of the object (${sent("name")}) does not match the name on the URL (${name})`);
  }
  if (sent("namespace") !== "" && sent("namespace") !== namespace) {
    throw badRequest(
      `the namespace of the object (${sent("namespace")}) does not match the namespace on the URL (${namespace})`,
    );
  }
  if (sent("uid") !== "" && sent("uid") !== uid) {
    // As the storage of a real server says it.
    const key = ["/registry", registryOf(kind), ...(namespace === "" ? [] : [namespace]), name].join("/");
    const precondition = `Precondition failed: UID in precondition: ${sent("uid")}, UID in object meta: ${uid}`;
    const where = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0`;
    throw conflict(kind.name, name, `${where}, AdditionalErrorMsg: ${precondition}`);
  }
  if (sent("resourceVersion") !== "" && sent("resourceVersion") !== resourceVersion) {
    const why = "the object has been modified; please apply your changes to the latest version and try again";
    throw conflict(kind.name, name, why);
  }
}
