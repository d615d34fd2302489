import { expand } from "../containers/expansion.ts";
import type { ContainerSpec, EnvVarSource, Pod } from "./pod.ts";
import type { PodConfig } from "./pod-config.ts";

/**
 * The variables that a container declares: those that it takes from elsewhere, and then its own, each of which may
 * refer to those before it. Throws a ConfigError for what is not there.
 */
export function variablesOf(pod: Pod, spec: ContainerSpec, config: PodConfig): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { prefix = "", configMapRef, secretRef } of spec.envFrom ?? []) {
    const [kind, ref] = configMapRef
      ? (["configmaps", configMapRef] as const)
      : (["secrets", secretRef] as const);
    if (!ref) continue;
    for (const [key, value] of config.values(kind, ref.name, ref.optional ?? false) ?? []) {
      env[prefix + key] = value.toString();
    }
  }
  for (const { name, value, valueFrom } of spec.env ?? []) {
    const found = valueFrom ? sourcedValue(pod, valueFrom, config) : expand(value ?? "", env);
    if (found !== undefined) env[name] = found;
  }
  return env;
}

function sourcedValue(pod: Pod, source: EnvVarSource, config: PodConfig): string | undefined {
  const { fieldRef, configMapKeyRef, secretKeyRef } = source;
  if (fieldRef) return fieldOf(pod, fieldRef.fieldPath);
  const [kind, ref] = configMapKeyRef
    ? (["configmaps", configMapKeyRef] as const)
    : (["secrets", secretKeyRef] as const);
  return ref && config.value(kind, ref.name, ref.key, ref.optional ?? false)?.toString();
}

const fields: Readonly<Record<string, (pod: Pod) => string>> = {
  "metadata.name": ({ metadata }) => metadata.name,
  "metadata.namespace": ({ metadata }) => metadata.namespace,
  "metadata.uid": ({ metadata }) => metadata.uid,
  "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
  "spec.serviceAccountName": () => "default",
  "status.hostIP": () => "127.0.0.1",
  "status.hostIPs": () => "127.0.0.1",
  "status.podIP": () => "127.0.0.1",
  "status.podIPs": () => "127.0.0.1",
};

/** The value of one field of a Pod, or of one of its labels and annotations; undefined when there is no such field. */
function fieldOf(pod: Pod, path: string): string | undefined {
  const [, map, key = ""] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (map === "labels" || map === "annotations") return pod.metadata[map]?.[key] ?? "";
  return Object.hasOwn(fields, path) ? fields[path]?.(pod) : undefined;
}

/** Whether a container can ask for it. */
export function isField(path: string): boolean {
  return Object.hasOwn(fields, path) || /^metadata\.(labels|annotations)\['.+'\]$/.test(path);
}
