import { badRequest } from "../status.ts";
import type { ContainerStatus, Pod } from "./pod.ts";

/** The container that a request means: the one that it names, or the only one; throws the API server's refusal. */
export function containerNameOf({ metadata, spec }: Pod, asked: string): string {
  const names = spec.containers.map(({ name }) => name);
  const [only = ""] = names;
  if (asked === "" && names.length > 1) {
    throw badRequest(
      `a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(" ")}]`,
    );
  }
  if (asked !== "" && !names.includes(asked)) {
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  return asked === "" ? only : asked;
}

export function containerStatusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  return status.containerStatuses?.find(({ name }) => name === container);
}
