import { roleOfInit } from "./container-role.ts";
import { type ContainerStatus, type Pod, type PodStatus, type RestartPolicy, timestamp } from "./pod.ts";
import { podConditionsOf } from "./pod-conditions.ts";

/** What the containers of a Pod do, by their roles. */
export type PodContainerStatuses = Pick<PodStatus, "initContainerStatuses" | "ephemeralContainerStatuses"> & {
  readonly containerStatuses: readonly ContainerStatus[];
};

/** The status of a Pod that has been given to the node, from what its containers do. */
export function podStatusOf(pod: Pod, statuses: PodContainerStatuses, prepared: boolean): PodStatus {
  const { initContainerStatuses = [], containerStatuses } = statuses;
  const isSidecar = sidecarsOf(pod);
  const sidecars = initContainerStatuses.filter(({ name }) => isSidecar(name));
  const phase = phaseOf(
    containerStatuses,
    // What ends with its Pod does not begin again.
    pod.metadata.deletionTimestamp === undefined ? pod.spec.restartPolicy : "Never",
    initContainerStatuses.filter(({ name }) => !isSidecar(name)),
    sidecars,
  );
  const namesOf = (list: readonly ContainerStatus[]) => list.map(({ name }) => name);
  const conditions = podConditionsOf(pod, {
    phase,
    prepared,
    incomplete: namesOf(
      initContainerStatuses.filter(({ name, ready, started }) => (isSidecar(name) ? !started : !ready)),
    ),
    unready: namesOf([...sidecars, ...containerStatuses].filter(({ ready }) => !ready)),
  });
  return {
    phase,
    conditions,
    hostIP: "127.0.0.1",
    hostIPs: [{ ip: "127.0.0.1" }],
    podIP: "127.0.0.1",
    podIPs: [{ ip: "127.0.0.1" }],
    ...(pod.status.qosClass && { qosClass: pod.status.qosClass }),
    resources: {},
    observedGeneration: pod.metadata.generation,
    startTime: pod.status.startTime ?? timestamp(),
    ...statuses,
  };
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
