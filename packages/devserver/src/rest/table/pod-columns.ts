import { listAt, objectAt, textAt, valueAt } from "../../schema/json.ts";
import type { KubernetesObject } from "../object.ts";
import { age } from "./age.ts";
import type { Column } from "./columns.ts";

const none = "<none>";

export const podColumns: readonly Column[] = [
  { name: "Name", cell: ({ metadata }) => metadata.name },
  { name: "Ready", cell: readyOf },
  { name: "Status", cell: statusOf },
  { name: "Restarts", cell: restartsOf },
  { name: "Age", cell: ({ metadata }) => age(metadata.creationTimestamp) },
  { name: "IP", wide: true, cell: (pod) => textAt(pod, "status", "podIP") || none },
  { name: "Node", wide: true, cell: (pod) => textAt(pod, "spec", "nodeName") || none },
  { name: "Nominated Node", wide: true, cell: (pod) => textAt(pod, "status", "nominatedNodeName") || none },
  { name: "Readiness Gates", wide: true, cell: gatesOf },
];

function statusesOf(pod: KubernetesObject): readonly unknown[] {
  return listAt(pod, "status", "containerStatuses");
}

function isReady(status: unknown): boolean {
  return valueAt(status, ["ready"]) === true && valueAt(status, ["state", "running"]) !== undefined;
}

function readyOf(pod: KubernetesObject): string {
  const sidecars = sidecarsOf(pod);
  const ready = [...sidecars, ...statusesOf(pod)].filter(isReady).length;
  return `${ready}/${listAt(pod, "spec", "containers").length + sidecars.length}`;
}

/** The statuses of the init containers that run beside the others. */
function sidecarsOf(pod: KubernetesObject): readonly unknown[] {
  const statuses = listAt(pod, "status", "initContainerStatuses");
  return listAt(pod, "spec", "initContainers")
    .filter((one) => textAt(one, "restartPolicy") === "Always")
    .map((one) => statuses.find((status) => textAt(status, "name") === textAt(one, "name")));
}

/** The phase, unless a container or the deletion says something that matters more. */
function statusOf(pod: KubernetesObject): string {
  const phase = textAt(pod, "status", "phase");
  const ended = phase === "Succeeded" || phase === "Failed";
  if (pod.metadata.deletionTimestamp !== undefined && !ended) return "Terminating";
  const initializing = initializingOf(pod);
  if (initializing !== undefined) return initializing;
  let reason = textAt(pod, "status", "reason") || phase;
  // The first container has the last word.
  for (const status of [...statusesOf(pod)].reverse()) reason = reasonOf(status) ?? reason;
  if (reason === "Completed" && statusesOf(pod).some(isReady)) {
    return isTrue(pod, "Ready") ? "Running" : "NotReady";
  }
  return reason;
}

/** What the first init container that is not done does; undefined when all are. */
function initializingOf(pod: KubernetesObject): string | undefined {
  const sidecars = sidecarsOf(pod);
  const isDone = (status: unknown): boolean =>
    valueAt(status, ["state", "terminated", "exitCode"]) === 0 ||
    (sidecars.includes(status) && valueAt(status, ["started"]) === true);
  const statuses = listAt(pod, "status", "initContainerStatuses");
  const index = statuses.findIndex((status) => !isDone(status));
  if (index < 0 || isTrue(pod, "Initialized")) return undefined;
  const reason = reasonOf(statuses[index]) ?? "PodInitializing";
  if (reason !== "PodInitializing") return `Init:${reason}`;
  return `Init:${index}/${listAt(pod, "spec", "initContainers").length}`;
}

function reasonOf(status: unknown): string | undefined {
  const waiting = textAt(status, "state", "waiting", "reason");
  if (waiting !== "") return waiting;
  const terminated = valueAt(status, ["state", "terminated"]);
  if (terminated === undefined) return undefined;
  const { reason, signal, exitCode } = objectAt(terminated);
  if (typeof reason === "string" && reason !== "") return reason;
  return typeof signal === "number" && signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function isTrue(pod: KubernetesObject, type: string): boolean {
  const condition = listAt(pod, "status", "conditions").find((one) => textAt(one, "type") === type);
  return textAt(condition, "status") === "True";
}

function restartsOf(pod: KubernetesObject): string {
  const statuses =
    initializingOf(pod) === undefined
      ? [...sidecarsOf(pod), ...statusesOf(pod)]
      : listAt(pod, "status", "initContainerStatuses");
  const counts = statuses.map((status) => Number(valueAt(status, ["restartCount"]) ?? 0));
  const restarts = counts.reduce((sum, count) => sum + count, 0);
  const ends = statuses.map((status) => textAt(status, "lastState", "terminated", "finishedAt"));
  const last = ends.sort().at(-1) ?? "";
  return restarts > 0 && last !== "" ? `${restarts} (${age(last)} ago)` : String(restarts);
}

function gatesOf(pod: KubernetesObject): string {
  const gates = listAt(pod, "spec", "readinessGates").map((gate) => textAt(gate, "conditionType"));
  if (gates.length === 0) return none;
  const conditions = listAt(pod, "status", "conditions");
  const met = gates.filter((gate) =>
    conditions.some((one) => textAt(one, "type") === gate && textAt(one, "status") === "True"),
  );
  return `${met.length}/${gates.length}`;
}
