import { type Pod, type PodCondition, type PodStatus, timestamp } from "./pod.ts";

/** What the conditions of a Pod are derived from. */
export interface PodFacts {
  readonly phase: PodStatus["phase"];
  /** Its volumes are there, so that containers can begin. */
  readonly prepared: boolean;
  /** Init containers that have not done what the next one waits for. */
  readonly incomplete: readonly string[];
  /** Containers and sidecars that are not ready. */
  readonly unready: readonly string[];
}

type Why = Pick<PodCondition, "reason" | "message">;

const own = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/** The conditions that others have set, for a readiness gate perhaps. */
export function foreignConditionsOf({ status }: Pod): readonly PodCondition[] {
  return (status.conditions ?? []).filter(({ type }) => !own.includes(type));
}

/** The conditions of a Pod, in a kubelet's order: those that others have set, and then its own. */
export function podConditionsOf(
  pod: Pod,
  { phase, prepared, incomplete, unready }: PodFacts,
): PodCondition[] {
  const now = timestamp();
  const others = foreignConditionsOf(pod);
  const condition = (type: string, why: Why | undefined): PodCondition => {
    const status = why === undefined ? "True" : "False";
    const before = pod.status.conditions?.find((one) => one.type === type);
    const lastTransitionTime = (before?.status === status && before.lastTransitionTime) || now;
    return {
      type,
      status,
      observedGeneration: pod.metadata.generation,
      lastProbeTime: null,
      lastTransitionTime,
      ...why,
    };
  };
  const ended =
    phase === "Succeeded"
      ? { reason: "PodCompleted" }
      : phase === "Failed"
        ? { reason: "PodFailed" }
        : undefined;
  const initialized = condition("Initialized", incompleteWhy(incomplete));
  const unreadyWhy =
    unready.length === 0
      ? undefined
      : (ended ?? {
          reason: "ContainersNotReady",
          message: `containers with unready status: [${unready.join(" ")}]`,
        });
  return [
    ...others,
    condition("PodReadyToStartContainers", prepared && !ended ? undefined : {}),
    phase === "Succeeded" ? { ...condition("Initialized", undefined), ...ended } : initialized,
    condition("Ready", unreadyWhy ?? closedGatesOf(pod, others)),
    condition("ContainersReady", unreadyWhy),
    condition("PodScheduled", undefined),
  ];
}

function incompleteWhy(incomplete: readonly string[]): Why | undefined {
  if (incomplete.length === 0) return undefined;
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return { reason: "ContainersNotInitialized", message };
}

/** Conditions that others have to set before a Pod is ready. */
function closedGatesOf({ spec: { readinessGates = [] } }: Pod, conditions: readonly PodCondition[]) {
  const messages = readinessGates.flatMap(({ conditionType }) => {
    const found = conditions.find(({ type }) => type === conditionType);
    if (found?.status === "True") return [];
    const gate = `pod readiness gate ${JSON.stringify(conditionType)}`;
    return found
      ? [`the status of ${gate} is not "True", but ${found.status}`]
      : [`corresponding condition of ${gate} does not exist.`];
  });
  if (messages.length === 0) return undefined;
  return { reason: "ReadinessGatesNotReady", message: messages.join(", ") };
}
