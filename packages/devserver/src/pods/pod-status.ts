import { roleOfInit } from "./container-role.ts";
import {
  type ContainerStatus,
  type Pod,
  type PodCondition,
  type PodStatus,
  type RestartPolicy,
  timestamp,
} from "./pod.ts";

/** What the containers of a Pod do, by their roles. */
export type PodContainerStatuses = Pick<PodStatus, "initContainerStatuses" | "ephemeralContainerStatuses"> & {
  readonly containerStatuses: readonly ContainerStatus[];
};

/** The status of a Pod that has been given to the node, from what its containers do. */
export function podStatusOf(pod: Pod, statuses: PodContainerStatuses): PodStatus {
  const { initContainerStatuses = [], containerStatuses } = statuses;
  const isSidecar = sidecarsOf(pod);
  const phase = phaseOf(
    containerStatuses,
    pod.spec.restartPolicy,
    initContainerStatuses.filter(({ name }) => !isSidecar(name)),
    initContainerStatuses.filter(({ name }) => isSidecar(name)),
  );
  const now = timestamp();
  const condition = (
    type: string,
    holds: boolean,
    why: Pick<PodCondition, "reason" | "message"> = {},
  ): PodCondition => {
    const status = holds ? "True" : "False";
    const before = pod.status.conditions.find((one) => one.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    return { type, status, lastTransitionTime, ...why };
  };
  const completed =
    phase === "Succeeded"
      ? { reason: "PodCompleted" }
      : phase === "Failed"
        ? { reason: "PodFailed" }
        : undefined;
  const incomplete = initContainerStatuses
    .filter(({ name, ready, started }) => (isSidecar(name) ? !started : !ready))
    .map(({ name }) => name);
  const initialized =
    phase === "Succeeded" ? condition("Initialized", true, completed) : initializedOf(incomplete, condition);
  const unready = [...initContainerStatuses.filter(({ name }) => isSidecar(name)), ...containerStatuses]
    .filter(({ ready }) => !ready)
    .map(({ name }) => name);
  const notReady = completed ?? {
    reason: "ContainersNotReady",
    message: `containers with unready status: [${unready.join(" ")}]`,
  };
  const ready = unready.length === 0;
  return {
    phase,
    conditions: [
      initialized,
      condition("Ready", ready, ready ? {} : notReady),
      condition("ContainersReady", ready, ready ? {} : notReady),
      condition("PodScheduled", true),
    ],
    hostIP: "127.0.0.1",
    podIP: "127.0.0.1",
    podIPs: [{ ip: "127.0.0.1" }],
    startTime: pod.status.startTime ?? now,
    ...statuses,
  };
}

function initializedOf(
  incomplete: readonly string[],
  condition: (type: string, holds: boolean, why?: Pick<PodCondition, "reason" | "message">) => PodCondition,
): PodCondition {
  if (incomplete.length === 0) return condition("Initialized", true);
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return condition("Initialized", false, { reason: "ContainersNotInitialized", message });
}

function sidecarsOf({ spec: { initContainers = [] } }: Pod): (container: string) => boolean {
  const names = initContainers.filter((one) => roleOfInit(one) === "sidecar").map(({ name }) => name);
  return (container) => names.includes(container);
}

/** As a kubelet derives it: a container that ended and will start again counts as one that runs. */
export function phaseOf(
  statuses: readonly ContainerStatus[],
  policy: RestartPolicy,
  initial: readonly ContainerStatus[] = [],
  sidecars: readonly ContainerStatus[] = [],
): PodStatus["phase"] {
  const initialCodes = initial.map(
    ({ state, lastState }) => (state.terminated ?? (state.waiting && lastState.terminated))?.exitCode,
  );
  if (policy === "Never" && initialCodes.some((code) => code !== undefined && code !== 0)) return "Failed";
  if (initialCodes.some((code) => code !== 0)) return "Pending";
  if (statuses.some(({ state, lastState }) => state.waiting && !lastState.terminated)) return "Pending";
  const codes = statuses.map(({ state }) => state.terminated?.exitCode);
  if (policy === "Always" || codes.includes(undefined)) return "Running";
  // The Pod has not ended before they have.
  if (sidecars.some(({ state }) => state.running)) return "Running";
  if (codes.every((code) => code === 0)) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}
