import type { Fields } from "./fields.ts";
import { mistakesOf } from "./labels.ts";
import type { KubernetesObject, ObjectMeta } from "./object.ts";
import type { Store } from "./store.ts";

/** Finalizers without a domain, which are Kubernetes' own. */
const standard: readonly string[] = ["foregroundDeletion", "kubernetes", "orphan"];

/** Finds what is wrong with the finalizers of a metadata; none can be added to an object that is being deleted. */
export function checkFinalizers(metadata: Fields, before?: ObjectMeta): void {
  const finalizers = metadata.words("finalizers") ?? [];
  const invalid = (field: string, value: unknown, why: string): void =>
    metadata.invalid(field, `Invalid value: ${JSON.stringify(value)}: ${why}`);
  for (const [index, finalizer] of finalizers.entries()) {
    for (const mistake of mistakesOf(finalizer)) invalid("finalizers", finalizer, mistake);
    if (finalizer.includes("/") || standard.includes(finalizer)) continue;
    const why = "name is neither a standard finalizer name nor is it fully qualified";
    invalid(`finalizers[${index}]`, finalizer, why);
  }
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    invalid("finalizers", finalizers, "finalizer orphan and foregroundDeletion cannot be both set");
  }
  if (before?.deletionTimestamp === undefined) return;
  const added = [...new Set(finalizers)].filter((one) => !before.finalizers?.includes(one)).sort();
  if (added.length === 0) return;
  const list = `[]string{${added.map((one) => JSON.stringify(one)).join(", ")}}`;
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  metadata.invalid("finalizers", `Forbidden: ${why}`, "FieldValueForbidden");
}

/** Whether somebody wants to do something before the object goes. */
export function isHeld({ metadata: { finalizers = [] } }: KubernetesObject): boolean {
  return finalizers.length > 0;
}

/** Whether nothing keeps an object any more that was to be deleted. */
export function isOver(object: KubernetesObject): boolean {
  return object.metadata.deletionGracePeriodSeconds === 0 && !isHeld(object);
}

/** Ends what was deleted and is done: it goes, or stays as `held` makes it until nobody holds it; one that came in its place is let be. */
export function endUnlessHeld<T extends KubernetesObject>(
  store: Store<T>,
  { namespace = "", name, uid }: Pick<ObjectMeta, "name" | "namespace" | "uid">,
  held: (object: T) => T = (object) => object,
): void {
  const over = store.read(namespace, name);
  if (over?.metadata.uid !== uid) return;
  if (!isHeld(over)) {
    store.remove(namespace, name);
    return;
  }
  store.update(namespace, name, (one) =>
    held({ ...one, metadata: { ...one.metadata, deletionGracePeriodSeconds: 0 } }),
  );
}
