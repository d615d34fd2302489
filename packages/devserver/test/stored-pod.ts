import type { Pod, PodSpec, PodStatus } from "../src/pods/pod.ts";

/** A Pod as a store has it; with nothing in it but what is said. */
export function storedPod(
  metadata: Partial<Pod["metadata"]> & { readonly name: string },
  spec: Partial<PodSpec> = {},
  status: Partial<PodStatus> = {},
): Pod {
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: {
      namespace: "default",
      uid: metadata.name,
      resourceVersion: "",
      generation: 1,
      creationTimestamp: "",
      ...metadata,
    },
    spec: { containers: [], restartPolicy: "Never", terminationGracePeriodSeconds: 30, ...spec },
    status: { phase: "Pending", ...status },
  };
}
