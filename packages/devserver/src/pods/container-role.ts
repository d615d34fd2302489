import type { ContainerSpec, RestartPolicy } from "./pod.ts";

/** What a container is in its Pod: one that runs before the others, one that runs beside them, or one to debug them. */
export type ContainerRole = "init" | "sidecar" | "container" | "ephemeral";

/** Among init containers, the one that is restarted forever is a sidecar: the next one does not wait for its end. */
export function roleOfInit({ restartPolicy }: ContainerSpec): "init" | "sidecar" {
  return restartPolicy === "Always" ? "sidecar" : "init";
}

/** Whether a container of this role runs again after it has ended. */
export function restarts(role: ContainerRole, policy: RestartPolicy, exitCode: number): boolean {
  if (role === "ephemeral") return false;
  if (role === "sidecar") return true;
  // An init container is there to succeed, once.
  if (role === "init") return exitCode !== 0 && policy !== "Never";
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

/** Whether a container of this role runs again after its probes have ended it, whatever its exit code. */
export function restartsWhenIll(role: ContainerRole, policy: RestartPolicy): boolean {
  return role === "sidecar" || policy !== "Never";
}
