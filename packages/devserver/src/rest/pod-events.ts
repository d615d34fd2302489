import { containerFieldOf, containerStatusesOf } from "../pods/container-name.ts";
import { nodeName } from "../pods/node-name.ts";
import type { ContainerStatus, Pod } from "../pods/pod.ts";
import type { PodEvent } from "../pods/pod-event.ts";
import type { Change } from "./store.ts";

/** What a change of a Pod means, in the words of a scheduler and of a kubelet. */
export function eventsOf({ type, object: pod, before }: Change<Pod>): PodEvent[] {
  if (type === "DELETED") return [];
  const { namespace, name } = pod.metadata;
  const events: PodEvent[] = [];
  // One that came with its node was not scheduled.
  if (pod.spec.nodeName !== undefined && before && before.spec.nodeName === undefined) {
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    events.push({ type: "Normal", reason: "Scheduled", message, component: "default-scheduler" });
  }
  for (const status of containerStatusesOf(pod)) {
    const old = before && containerStatusesOf(before).find((one) => one.name === status.name);
    events.push(...containerEvents(pod, status, old));
  }
  if (pod.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined) {
    for (const { name: container, state } of containerStatusesOf(pod)) {
      if (state.running)
        events.push(normal("Killing", `Stopping container ${container}`, containerFieldOf(pod, container)));
    }
  }
  return events;
}

function containerEvents(
  pod: Pod,
  { name, image, state, containerID }: ContainerStatus,
  old: ContainerStatus | undefined,
): PodEvent[] {
  const { metadata } = pod;
  const field = containerFieldOf(pod, name);
  const isNew = containerID !== undefined && containerID !== old?.containerID;
  if (isNew) {
    const present = `Container image ${JSON.stringify(image)} already present on machine and can be accessed by the pod`;
    return [
      normal("Pulled", present, field),
      normal("Created", "Container created", field),
      ...(state.terminated?.reason === "StartError"
        ? [warning("Failed", `Error: ${state.terminated.message ?? ""}`, field)]
        : [normal("Started", "Container started", field)]),
    ];
  }
  const { reason = "", message = "" } = state.waiting ?? {};
  if (message !== "" && message !== old?.state.waiting?.message) {
    // The one waits with a reason of its own, the other with that of any container that is not there yet.
    if (reason === "CreateContainerConfigError") return [warning("Failed", `Error: ${message}`, field)];
    if (message.startsWith("MountVolume.")) return [warning("FailedMount", message)];
  }
  if (reason === old?.state.waiting?.reason) return [];
  if (reason === "CrashLoopBackOff") {
    const where = `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
    return [warning("BackOff", `Back-off restarting failed container ${name} in pod ${where}`, field)];
  }
  if (reason === "ErrImageNeverPull") return [warning(reason, message, field)];
  return reason === "ErrImagePull"
    ? [warning("Failed", `Failed to pull image "${image}": ${message}`, field)]
    : [];
}

function normal(reason: string, message: string, container: string): PodEvent {
  return { type: "Normal", reason, message, component: "kubelet", container };
}

function warning(reason: string, message: string, container?: string): PodEvent {
  const about = container === undefined ? {} : { container };
  return { type: "Warning", reason, message, component: "kubelet", ...about };
}
