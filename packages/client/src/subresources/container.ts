import type { Pod } from "../resources/descriptors.ts";
import type { Container, ContainerState, ContainerStatus } from "../resources/kubernetes.ts";

/** What a Pod says about one of its containers. */
export interface ContainerView {
  readonly name: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  /** Identifies the running instance; a restart changes it. */
  readonly id: string | undefined;
}

/** Whether a container runs, may still come to run, or never will. */
export type Readiness =
  | { readonly state: "running" }
  | { readonly state: "waiting" | "never"; readonly why: string };

const defaultContainer = "kubectl.kubernetes.io/default-container";

/**
 * The container meant: the one named, else the one the Pod's annotation names, else the only one. Undefined
 * where the server has to say what is wrong with the choice.
 */
export function containerOf(pod: Pod, named: string | undefined): ContainerView | undefined {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const annotated = pod.metadata?.annotations?.[defaultContainer];
  const only = containers.length === 1 ? containers[0]?.name : undefined;
  const name = named ?? (containers.some((one) => one.name === annotated) ? annotated : undefined) ?? only;
  const spec: Pick<Container, "name" | "tty" | "stdin" | "stdinOnce"> | undefined = [
    ...containers,
    ...initContainers,
    ...ephemeralContainers,
  ].find((one) => one.name === name);
  return (
    spec && {
      name: spec.name,
      tty: spec.tty ?? false,
      stdin: spec.stdin ?? false,
      stdinOnce: spec.stdinOnce ?? false,
      id: statusOf(pod, spec.name)?.containerID,
    }
  );
}

/** The status of a container of any sort. */
export function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (one) => one.name === name,
  );
}

/** Reasons of a waiting container that no waiting cures. */
const hopeless: readonly string[] = ["ErrImageNeverPull", "InvalidImageName"];

/** Whether a container can be attached to now, later, or never. */
export function readinessOf(pod: Pod, name: string): Readiness {
  const status = statusOf(pod, name);
  const state: ContainerState = status?.state ?? {};
  if (state.running) return { state: "running" };
  const phase = pod.status?.phase ?? "Pending";
  if (phase === "Succeeded" || phase === "Failed") {
    return { state: "never", why: `the Pod's phase is ${phase}${ending(state)}` };
  }
  if (pod.metadata?.deletionTimestamp) return { state: "never", why: "the Pod is being deleted" };
  if (state.terminated && !restarts(pod, name)) {
    return { state: "never", why: `container ${name} has ended${ending(state)}` };
  }
  if (state.terminated)
    return { state: "waiting", why: `container ${name} is to start again${ending(state)}` };
  if (!state.waiting) {
    const why =
      phase === "Running"
        ? `container ${name} has no state yet`
        : `the Pod's phase is ${phase}${unscheduled(pod)}`;
    return { state: "waiting", why };
  }
  const first = state.waiting.reason === "PodInitializing" ? initialBefore(pod, name) : undefined;
  const why = `container ${name} is waiting: ${reasonOf(state)}`;
  const reasons = [state, first?.state].map((one) => one?.waiting?.reason ?? "");
  return {
    state: reasons.some((reason) => hopeless.includes(reason)) ? "never" : "waiting",
    why: first ? `${why}, for init container ${first.name}: ${reasonOf(first.state)}` : why,
  };
}

/** The init container that is to end before this one starts. */
function initialBefore(pod: Pod, name: string): ContainerStatus | undefined {
  const sidecars = pod.spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  return pod.status?.initContainerStatuses?.find(
    ({ name: other, state }) =>
      other !== name && (state?.waiting || (state?.running && !sidecars.some((one) => one.name === other))),
  );
}

function reasonOf({ running, waiting }: ContainerState = {}): string {
  return running ? "it is running" : [waiting?.reason, waiting?.message].filter(Boolean).join(": ");
}

/** Whether an ended container will be started again (by the rules of the kubelet). */
function restarts(pod: Pod, name: string): boolean {
  const { restartPolicy = "Always", containers = [], initContainers = [] } = pod.spec ?? {};
  const initial = initContainers.find((one) => one.name === name);
  const container = containers.find((one) => one.name === name) ?? initial;
  // Ephemeral ones are neither.
  if (!container) return false;
  const policy =
    container.restartPolicy ?? (initial && restartPolicy === "Always" ? "OnFailure" : restartPolicy);
  const exitCode = statusOf(pod, name)?.state?.terminated?.exitCode;
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

function ending({ terminated }: ContainerState): string {
  if (!terminated) return "";
  const said = [terminated.reason, terminated.message].filter(Boolean).join(": ");
  return ` (exit code ${terminated.exitCode}${said ? `, ${said}` : ""})`;
}

function unscheduled(pod: Pod): string {
  const scheduled = pod.status?.conditions?.find((one) => one.type === "PodScheduled");
  return scheduled?.status === "False"
    ? ` and it is not scheduled: ${scheduled.message ?? scheduled.reason}`
    : "";
}
