import { refusal } from "../status.ts";
import type { Fields } from "./fields.ts";
import { askedNameOf } from "./metadata.ts";

/** The classes of priority that every cluster has, and with them what a Pod without one is given. */
const priorities: Readonly<Record<string, number>> = {
  "": 0,
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};
const preemptionPolicy = "PreemptLowerPriority";

/** What admission fills into a Pod's spec that says nothing of it. */
export function priorityOf(spec: Fields): { readonly priority: number; readonly preemptionPolicy: string } {
  return {
    priority: spec.integer("priority") ?? priorities[spec.text("priorityClassName") ?? ""] ?? 0,
    preemptionPolicy: spec.text("preemptionPolicy") ?? preemptionPolicy,
  };
}

/**
 * Throws the refusal of a new Pod that admission does not let in, which comes before any other check: one of a class that
 * is not there, or that says itself what its class is for to say.
 */
export function admitPod(pod: Fields): void {
  const spec = pod.object("spec");
  const name = askedNameOf(pod.values);
  const forbidden = (why: string): Error =>
    refusal(403, "Forbidden", `pods "${name}" is forbidden: ${why}`, { ...(name && { name }), kind: "pods" });
  const className = spec.text("priorityClassName") ?? "";
  if (!Object.hasOwn(priorities, className)) {
    throw forbidden(`no PriorityClass with name ${className} was found`);
  }
  const { [className]: computed = 0 } = priorities;
  const by = "must not be provided in pod spec; priority admission controller computed";
  const from = "from the given PriorityClass name";
  const priority = spec.integer("priority") ?? computed;
  if (priority !== computed) {
    throw forbidden(`the integer value of priority (${priority}) ${by} ${computed} ${from}`);
  }
  const policy = spec.text("preemptionPolicy") ?? preemptionPolicy;
  if (policy !== preemptionPolicy) {
    throw forbidden(`the string value of PreemptionPolicy (${policy}) ${by} ${preemptionPolicy} ${from}`);
  }
  const runtimeClass = spec.text("runtimeClassName");
  // A real server looks for a class without a name, and falls over it.
  if (runtimeClass === "") throw refusal(500, "", "resource name may not be empty");
  if (runtimeClass !== undefined) {
    throw forbidden(`pod rejected: RuntimeClass ${JSON.stringify(runtimeClass)} not found`);
  }
  if (Object.keys(spec.object("overhead").values).length > 0) {
    throw forbidden("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
  }
}
