import { timestamp } from "../pods/pod.ts";
import { isObject, type JsonObject, textAt } from "../schema/json.ts";
import type { DeleteOptions } from "./delete-options.ts";
import { type KubernetesObject, keyOf } from "./object.ts";
import type { Resource } from "./resource.ts";

/** What is left of one resource. */
interface Remainder {
  readonly resource: Resource;
  readonly objects: readonly KubernetesObject[];
}

/** Its own time counts for everything in a namespace, and its preconditions for nothing. */
const each: DeleteOptions = { gracePeriodSeconds: undefined, dryRun: false, check: () => undefined };

/**
 * Deletes everything in a namespace as its controller does, the Pods ahead of all else; resolves when it is gone.
 * `report` is told what remains, each time that it is less.
 */
export async function emptyNamespace(
  namespace: string,
  resources: readonly Resource[],
  report: (remaining: readonly Remainder[]) => void,
): Promise<void> {
  const empty = async (parts: readonly Resource[], told: (remaining: readonly Remainder[]) => unknown) => {
    const left = (): readonly Remainder[] =>
      parts
        .map((resource) => ({ resource, objects: resource.objects.list(namespace) }))
        .filter(({ objects }) => objects.length > 0);
    const contents = left().flatMap(({ resource, objects }) =>
      objects.map(({ metadata }) => ({ resource, metadata })),
    );
    const deletions = contents.map(({ resource, metadata }) =>
      resource.delete(namespace, metadata.name, each),
    );
    await Promise.allSettled(deletions);
    told(left());
    await Promise.all(
      contents.map(({ resource, metadata }) => isGone(resource, keyOf(metadata)).then(() => told(left()))),
    );
  };
  const isPods = ({ kind }: Resource): boolean => kind.name === "pods";
  // While Pods remain, a controller of 1.36 looks at nothing else, and says that nothing remains.
  await empty(resources.filter(isPods), (remaining) => remaining.length > 0 && report([]));
  await empty(
    resources.filter((one) => !isPods(one)),
    report,
  );
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

const nothingRemains = [
  ["NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"],
  [
    "NamespaceDeletionGroupVersionParsingFailure",
    "ParsedGroupVersions",
    "All legacy kube types successfully parsed",
  ],
  [
    "NamespaceDeletionContentFailure",
    "ContentDeleted",
    "All content successfully deleted, may be waiting on finalization",
  ],
  ["NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"],
  ["NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"],
] as const;

/** The conditions of a namespace that ends, in the words of its controller; those that stay as they were keep their times. */
export function endConditionsOf(
  before: readonly unknown[],
  remaining: readonly Remainder[],
): readonly JsonObject[] {
  const finalizers = new Map<string, number>();
  for (const { metadata } of remaining.flatMap(({ objects }) => objects)) {
    for (const one of metadata.finalizers ?? []) finalizers.set(one, (finalizers.get(one) ?? 0) + 1);
  }
  const resources = remaining.map(
    ({ resource: { kind }, objects }) =>
      `${kind.name}.${kind.group} has ${objects.length} resource instances`,
  );
  const held = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  const remains: Readonly<Record<string, readonly [reason: string, message: string] | undefined>> = {
    NamespaceContentRemaining: someOf("SomeResourcesRemain", "Some resources are remaining", resources),
    NamespaceFinalizersRemaining: someOf(
      "SomeFinalizersRemain",
      "Some content in the namespace has finalizers remaining",
      held,
    ),
  };
  return nothingRemains.map(([type, ...nothing]) => {
    const [reason, message] = remains[type] ?? nothing;
    const status = remains[type] ? "True" : "False";
    const old = before.find((one) => isObject(one) && one["type"] === type && one["status"] === status);
    return {
      type,
      status,
      lastTransitionTime: textAt(old, "lastTransitionTime") || timestamp(),
      reason,
      message,
    };
  });
}

function someOf(
  reason: string,
  what: string,
  list: readonly string[],
): readonly [string, string] | undefined {
  return list.length > 0 ? [reason, `${what}: ${[...list].sort().join(", ")}`] : undefined;
}
