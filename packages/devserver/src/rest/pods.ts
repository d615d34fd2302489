import type { Kubelet } from "../pods/kubelet.ts";
import { type Pod, timestamp } from "../pods/pod.ts";
import type { DeleteOptions } from "./delete-options.ts";
import { newPod, updatedPod, withConditions, withEphemeralContainers } from "./new-pod.ts";
import type { Strategy } from "./resource.ts";
import type { Store } from "./store.ts";

/** The Pods that there are. */
export interface Pods {
  read(namespace: string, name: string): Pod;
}

/** A Pod is run by the kubelet, and is gone when what ran has ended. */
export function podStrategy(store: Store, kubelet: Kubelet): Strategy<Pod> {
  return {
    create: (body, namespace = "") => newPod(body, namespace),
    update(before, body, subresource) {
      if (subresource === "ephemeralcontainers") return withEphemeralContainers(before, body);
      return subresource === "status" ? withConditions(before, body) : updatedPod(before, body);
    },
    created: (pod) => kubelet.start(pod),
    async delete(pod, { gracePeriodSeconds: asked }) {
      const { deletionGracePeriodSeconds: left } = pod.metadata;
      // A second request can only shorten the time.
      if (left !== undefined && (asked ?? left) >= left) return pod;
      const seconds = graceOf(pod, asked);
      const dying = markDeleted(store, pod, seconds);
      const gone = kubelet.stop(dying, seconds);
      // Without grace it is gone when the answer comes.
      if (seconds === 0) await gone;
      return dying;
    },
  };
}

/** So that the time of the end is one that can be written. */
const longestSeconds = 2_147_483_647;

/** None for a Pod that never began or has ended; a negative one counts as 1. */
function graceOf({ spec, status: { phase } }: Pod, asked: DeleteOptions["gracePeriodSeconds"]): number {
  if (spec.nodeName === undefined || phase === "Succeeded" || phase === "Failed") return 0;
  const seconds = asked ?? spec.terminationGracePeriodSeconds;
  return seconds < 0 ? 1 : Math.min(seconds, longestSeconds);
}

function markDeleted(store: Store, pod: Pod, seconds: number): Pod {
  const { namespace, name } = pod.metadata;
  const deletion = {
    deletionTimestamp: timestamp(new Date(Date.now() + seconds * 1_000)),
    deletionGracePeriodSeconds: seconds,
  };
  return (
    store.update(namespace, name, (one) => ({
      ...one,
      metadata: { ...one.metadata, ...deletion, generation: one.metadata.generation + 1 },
    })) ?? pod
  );
}
