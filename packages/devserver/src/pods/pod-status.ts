import {
  type ContainerStatus,
  type Pod,
  type PodCondition,
  type PodStatus,
  type RestartPolicy,
  timestamp,
} from "./pod.ts";

/** The status of a Pod that has been given to the node, from what its containers do. */
export function podStatusOf(pod: Pod, containerStatuses: readonly ContainerStatus[]): PodStatus {
  const ready = containerStatuses.every((container) => container.ready);
  const phase = phaseOf(containerStatuses, pod.spec.restartPolicy);
  const completed = phase === "Succeeded" || phase === "Failed";
  const now = timestamp();
  const condition = (type: string, holds: boolean, reason?: string): PodCondition => {
    const status = holds ? "True" : "False";
    const before = pod.status.conditions.find((one) => one.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    return { type, status, lastTransitionTime, ...(!holds && reason !== undefined && { reason }) };
  };
  const notReady = completed ? "PodCompleted" : "ContainersNotReady";
  return {
    phase,
    conditions: [
      condition("PodScheduled", true),
      condition("Initialized", true),
      condition("ContainersReady", ready, notReady),
      condition("Ready", ready, notReady),
    ],
    hostIP: "127.0.0.1",
    podIP: "127.0.0.1",
    podIPs: [{ ip: "127.0.0.1" }],
    startTime: pod.status.startTime ?? now,
    containerStatuses,
  };
}

/** As a kubelet derives it: a container that ended and will start again counts as one that runs. */
export function phaseOf(statuses: readonly ContainerStatus[], policy: RestartPolicy): PodStatus["phase"] {
  if (statuses.some(({ state, lastState }) => state.waiting && !lastState.terminated)) return "Pending";
  const codes = statuses.map(({ state }) => state.terminated?.exitCode);
  if (policy === "Always" || codes.includes(undefined)) return "Running";
  if (codes.every((code) => code === 0)) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}
