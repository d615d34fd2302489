import { listAt, objectAt, textAt, valueAt } from "../../schema/json.ts";
import type { ResourceKind } from "../kinds.ts";
import type { KubernetesObject } from "../object.ts";
import { age } from "./age.ts";
import { eventColumns } from "./event-columns.ts";
import { podColumns } from "./pod-columns.ts";

/** One column of a table. Wide ones are shown when asked for. */
export interface Column {
  readonly name: string;
  readonly type?: "string" | "integer";
  readonly wide?: boolean;
  readonly cell: (object: KubernetesObject) => string | number;
}

const none = "<none>";
const name: Column = { name: "Name", cell: ({ metadata }) => metadata.name };
const created: Column = { name: "Age", cell: ({ metadata }) => age(metadata.creationTimestamp) };
const text = (title: string, path: string, more: Partial<Column> = {}): Column => ({
  name: title,
  cell: (object) => textAt(object, ...path.split(".")) || none,
  ...more,
});
const count = (title: string, ...fields: readonly string[]): Column => ({
  name: title,
  cell: (object) => fields.reduce((sum, field) => sum + Object.keys(objectAt(object, field)).length, 0),
});

const columns: Readonly<Record<string, readonly Column[]>> = {
  configmaps: [name, count("Data", "data", "binaryData"), created],
  events: eventColumns,
  namespaces: [name, text("Status", "status.phase"), created],
  nodes: [
    name,
    { name: "Status", cell: nodeStatus },
    { name: "Roles", cell: nodeRoles },
    created,
    text("Version", "status.nodeInfo.kubeletVersion"),
    { name: "Internal-IP", wide: true, cell: (node) => nodeAddress(node, "InternalIP") },
    { name: "External-IP", wide: true, cell: (node) => nodeAddress(node, "ExternalIP") },
    text("OS-Image", "status.nodeInfo.osImage", { wide: true }),
    text("Kernel-Version", "status.nodeInfo.kernelVersion", { wide: true }),
    text("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", { wide: true }),
  ],
  pods: podColumns,
  secrets: [name, text("Type", "type"), count("Data", "data"), created],
  serviceaccounts: [name, created],
  services: [
    name,
    text("Type", "spec.type"),
    text("Cluster-IP", "spec.clusterIP"),
    { name: "External-IP", cell: serviceAddress },
    { name: "Port(s)", cell: servicePorts },
    created,
    { name: "Selector", wide: true, cell: (service) => pairs(objectAt(service, "spec", "selector")) },
  ],
};

export function columnsOf(kind: ResourceKind): readonly Column[] {
  return columns[kind.name] ?? [name, created];
}

function nodeStatus(node: KubernetesObject): string {
  const ready = listAt(node, "status", "conditions").find((one) => textAt(one, "type") === "Ready");
  const status = textAt(ready, "status") === "True" ? "Ready" : ready === undefined ? "Unknown" : "NotReady";
  return valueAt(node, ["spec", "unschedulable"]) === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles({ metadata: { labels = {} } }: KubernetesObject): string {
  const prefix = "node-role.kubernetes.io/";
  const roles = Object.keys(labels).filter((label) => label.startsWith(prefix));
  return roles.map((role) => role.slice(prefix.length)).join(",") || none;
}

function nodeAddress(node: KubernetesObject, type: string): string {
  const found = listAt(node, "status", "addresses").find((one) => textAt(one, "type") === type);
  return textAt(found, "address") || none;
}

function serviceAddress(service: KubernetesObject): string {
  if (textAt(service, "spec", "type") === "ExternalName") return textAt(service, "spec", "externalName");
  const addresses = listAt(service, "spec", "externalIPs").map(String);
  if (addresses.length > 0) return addresses.join(",");
  return textAt(service, "spec", "type") === "LoadBalancer" ? "<pending>" : none;
}

function servicePorts(service: KubernetesObject): string {
  const ports = listAt(service, "spec", "ports").map((port) => {
    const { port: number, nodePort } = objectAt(port);
    const outside = nodePort === undefined ? "" : `:${nodePort}`;
    return `${number}${outside}/${textAt(port, "protocol")}`;
  });
  return ports.join(",") || none;
}

function pairs(values: object): string {
  return (
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}`)
      .join(",") || none
  );
}
