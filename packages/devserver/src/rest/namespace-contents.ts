import { isDeepStrictEqual } from "node:util";
import { textAt, valueAt } from "../schema/json.ts";
import { Refusal } from "../status.ts";
import type { KubernetesObject } from "./object.ts";
import type { Resource } from "./resource.ts";
import type { Reader } from "./store.ts";

const account = "default";
const bundle = "kube-root-ca.crt";
const manager = "kube-controller-manager";
const description =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";
const annotations = { "kubernetes.io/description": description };

/** Puts into a namespace what each has, where it is not there or not as it should be. */
export type FillNamespace = (name: string) => void;

/**
 * As the controllers of a cluster do, sees to it that each namespace has a service account `default` and a config map
 * `kube-root-ca.crt`, also when they are deleted or changed. Without TLS the authority in it is empty.
 */
export function keepNamespacesFilled(
  namespaces: Reader<KubernetesObject>,
  accounts: Resource,
  configMaps: Resource,
  ca: string,
): FillNamespace {
  const data = { "ca.crt": ca };
  const fill = (namespace: string): void => {
    if (textAt(namespaces.read("", namespace), "status", "phase") !== "Active") return;
    try {
      if (!accounts.objects.read(namespace, account)) {
        accounts.create(namespace, { metadata: { name: account } }, { manager });
      }
      const found = configMaps.objects.read(namespace, bundle);
      if (!found) {
        configMaps.create(namespace, { metadata: { name: bundle, annotations }, data }, { manager });
      } else if (!isRight(found)) {
        const { metadata, ...rest } = found;
        const described = { ...metadata, annotations: { ...metadata.annotations, ...annotations } };
        const right = { ...rest, metadata: described, data };
        configMaps.replace(namespace, bundle, () => right, { manager });
      }
    } catch (error) {
      // There may be no room for it, or somebody has made it immutable.
      if (!(error instanceof Refusal)) throw error;
    }
  };
  const isRight = (found: KubernetesObject): boolean =>
    isDeepStrictEqual(valueAt(found, ["data"]), data) &&
    Object.keys(found.metadata.annotations ?? {}).includes("kubernetes.io/description");
  for (const [{ objects }, name] of [
    [accounts, account],
    [configMaps, bundle],
  ] as const) {
    objects.follow(objects.version, ({ type, object: { metadata } }) => {
      // Others are still being told of this change.
      if (type !== "ADDED" && metadata.name === name) setImmediate(fill, metadata.namespace ?? "");
    });
  }
  return fill;
}
