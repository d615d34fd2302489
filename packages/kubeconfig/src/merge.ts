import type { Kubeconfig } from "./kubeconfig.ts";

/** Several files as one: the first that names an entry, or a current context, wins whole, as for kubectl. */
export function mergeKubeconfigs(kubeconfigs: readonly Kubeconfig[]): Kubeconfig {
  const currentContext = kubeconfigs.find((one) => one.currentContext !== undefined)?.currentContext;
  return {
    ...(currentContext !== undefined && { currentContext }),
    contexts: firstOf(kubeconfigs.map((one) => one.contexts)),
    clusters: firstOf(kubeconfigs.map((one) => one.clusters)),
    users: firstOf(kubeconfigs.map((one) => one.users)),
  };
}

function firstOf<T>(maps: readonly ReadonlyMap<string, T>[]): ReadonlyMap<string, T> {
  return new Map([...maps].reverse().flatMap((map) => [...map]));
}
