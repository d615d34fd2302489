import type * as k8s from "./kubernetes.ts";
import type { HasAttach, HasExec, KubernetesObject, ResourceDescriptor, Subresource } from "./resource.ts";

/** A Pod, as a type and as the descriptor for `new Api(Pod, …)`. */
export type Pod = k8s.Pod & HasAttach & HasExec;
export const Pod: ResourceDescriptor<Pod> = describe("v1", "Pod", "pods", ["attach", "exec"]);

export type ConfigMap = k8s.ConfigMap;
export const ConfigMap: ResourceDescriptor<ConfigMap> = describe("v1", "ConfigMap", "configmaps");

export type Secret = k8s.Secret;
export const Secret: ResourceDescriptor<Secret> = describe("v1", "Secret", "secrets");

export type Service = k8s.Service;
export const Service: ResourceDescriptor<Service> = describe("v1", "Service", "services");

export type ServiceAccount = k8s.ServiceAccount;
export const ServiceAccount: ResourceDescriptor<ServiceAccount> = describe(
  "v1",
  "ServiceAccount",
  "serviceaccounts",
);

export type Deployment = k8s.Deployment;
export const Deployment: ResourceDescriptor<Deployment> = describe("apps/v1", "Deployment", "deployments");

export type StatefulSet = k8s.StatefulSet;
export const StatefulSet: ResourceDescriptor<StatefulSet> = describe(
  "apps/v1",
  "StatefulSet",
  "statefulsets",
);

export type Job = k8s.Job;
export const Job: ResourceDescriptor<Job> = describe("batch/v1", "Job", "jobs");

export type Namespace = k8s.Namespace;
export const Namespace: ResourceDescriptor<Namespace> = describe("v1", "Namespace", "namespaces", [], false);

// Marked so that a bundle keeps the descriptors it uses and no others.
/* @__NO_SIDE_EFFECTS__ */
function describe<T extends KubernetesObject>(
  apiVersion: string,
  kind: string,
  plural: string,
  subresources: readonly Subresource[] = [],
  namespaced = true,
): ResourceDescriptor<T> {
  return { apiVersion, kind, plural, namespaced, subresources };
}
