import { badRequest } from "../status.ts";
import type { ContainerSpec, ContainerStatus, Pod } from "./pod.ts";

/** All containers of a Pod, in the order in which an API server lists them. */
function containersOf({ spec }: Pod): readonly ContainerSpec[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/** The container that a request means: the one that it names, or the only one; throws the API server's refusal. */
export function containerNameOf(pod: Pod, asked: string): string {
  const { name } = pod.metadata;
  const names = containersOf(pod).map((one) => one.name);
  const [only, ...more] = pod.spec.containers;
  if (asked === "" && only && more.length === 0) return only.name;
  if (asked === "") {
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${names.join(" ")}]`,
    );
  }
  if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return asked;
}

export function containerStatusesOf({ status }: Pod): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
}

/** The field of its Pod that a container stands in: `spec.containers{main}`. */
export function containerFieldOf({ spec }: Pod, container: string): string {
  const isIt = ({ name }: ContainerSpec): boolean => name === container;
  if (spec.initContainers?.some(isIt)) return `spec.initContainers{${container}}`;
  return spec.ephemeralContainers?.some(isIt)
    ? `spec.ephemeralContainers{${container}}`
    : `spec.containers{${container}}`;
}
