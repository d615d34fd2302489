import { apiVersionOf } from "../schema/schema.ts";

/** What discovery says of a part of a resource that has requests of its own. */
interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** A kind of objects, under the name that paths have for it. */
export interface ResourceKind {
  readonly group: string;
  readonly version: string;
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
  /** What field selectors can ask for, besides name and namespace. */
  readonly selectable: readonly string[];
}

const reading = ["get", "list", "watch"];
const everything = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const connecting = ["create", "get"];

function coreKind(
  name: string,
  kind: string,
  shortNames: readonly string[],
  more: Partial<ResourceKind> = {},
): ResourceKind {
  return {
    group: "",
    version: "v1",
    name,
    singular: kind.toLowerCase(),
    kind,
    shortNames,
    namespaced: true,
    verbs: everything,
    subresources: [],
    selectable: [],
    ...more,
  };
}

const eventFields = {
  core: [
    ...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map(
      (field) => `involvedObject.${field}`,
    ),
    "reason",
    "reportingComponent",
    "source.component",
    "type",
  ],
  group: [
    ...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map(
      (field) => `regarding.${field}`,
    ),
    "reason",
    "reportingController",
    "type",
  ],
};

/** Everything that is served; the order is that of the names, as discovery has it. */
export const resourceKinds: readonly ResourceKind[] = [
  coreKind("configmaps", "ConfigMap", ["cm"]),
  coreKind("events", "Event", ["ev"], { selectable: eventFields.core }),
  coreKind("namespaces", "Namespace", ["ns"], {
    namespaced: false,
    verbs: everything.filter((verb) => verb !== "deletecollection"),
    selectable: ["status.phase"],
  }),
  coreKind("nodes", "Node", ["no"], {
    namespaced: false,
    verbs: [...reading, "patch", "update"].sort(),
    selectable: ["spec.unschedulable"],
  }),
  coreKind("pods", "Pod", ["po"], {
    categories: ["all"],
    subresources: [
      { name: "attach", kind: "PodAttachOptions", verbs: connecting },
      { name: "ephemeralcontainers", kind: "Pod", verbs: ["get", "patch", "update"] },
      { name: "exec", kind: "PodExecOptions", verbs: connecting },
      { name: "log", kind: "Pod", verbs: ["get"] },
      { name: "portforward", kind: "PodPortForwardOptions", verbs: connecting },
      { name: "status", kind: "Pod", verbs: ["get", "patch", "update"] },
    ],
    selectable: [
      "spec.hostNetwork",
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.schedulerName",
      "spec.serviceAccountName",
      "status.nominatedNodeName",
      "status.phase",
      "status.podIP",
    ],
  }),
  coreKind("secrets", "Secret", [], { selectable: ["type"] }),
  coreKind("serviceaccounts", "ServiceAccount", ["sa"]),
  coreKind("services", "Service", ["svc"], {
    categories: ["all"],
    selectable: ["spec.clusterIP", "spec.type"],
  }),
  coreKind("selfsubjectreviews", "SelfSubjectReview", [], {
    group: "authentication.k8s.io",
    namespaced: false,
    verbs: ["create"],
  }),
  coreKind("selfsubjectaccessreviews", "SelfSubjectAccessReview", [], {
    group: "authorization.k8s.io",
    namespaced: false,
    verbs: ["create"],
  }),
  coreKind("events", "Event", ["ev"], { group: "events.k8s.io", selectable: eventFields.group }),
];

/** The kinds of one group, by `v1` or `group/v1`; empty when there is no such group. */
export function kindsOf(apiVersion: string): readonly ResourceKind[] {
  return resourceKinds.filter((kind) => apiVersionOf(kind) === apiVersion);
}

/** The groups besides the core one. */
export const groups: readonly { readonly group: string; readonly version: string }[] = resourceKinds.filter(
  ({ group }, index, all) => group !== "" && all.findIndex((one) => one.group === group) === index,
);
