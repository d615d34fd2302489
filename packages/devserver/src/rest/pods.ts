import type { Kubelet } from "../pods/kubelet.ts";
import { type Pod, timestamp } from "../pods/pod.ts";
import { badRequest, podNotFound, refusal } from "../status.ts";
import { createFields } from "./fields.ts";
import { newPod } from "./new-pod.ts";
import type { Store } from "./store.ts";

/** What can be done with Pods, besides reading them. */
export interface Pods {
  create(namespace: string, body: unknown): Pod;
  read(namespace: string, name: string): Pod;
  /** Asks a Pod to end; it is removed when it has. */
  delete(namespace: string, name: string, query: URLSearchParams, body: unknown): Pod;
}

export function createPods(store: Store, kubelet: Kubelet): Pods {
  const read = (namespace: string, name: string): Pod => {
    const pod = store.read(namespace, name);
    if (!pod) throw podNotFound(name);
    return pod;
  };
  return {
    read,
    create(namespace, body) {
      const pod = newPod(body, namespace);
      const { name } = pod.metadata;
      if (store.read(namespace, name)) {
        throw refusal(409, "AlreadyExists", `pods "${name}" already exists`, { name, kind: "pods" });
      }
      const stored = store.insert(pod);
      kubelet.start(stored);
      return stored;
    },
    delete(namespace, name, query, body) {
      const pod = read(namespace, name);
      const options = createFields(body ?? {}, "", []);
      if (!options) throw badRequest("the body of a delete must be DeleteOptions");
      const asked = options.integer("gracePeriodSeconds") ?? secondsOf(query.get("gracePeriodSeconds"));
      const uid = options.object("preconditions").text("uid");
      if (uid !== undefined && uid !== pod.metadata.uid) {
        throw refusal(409, "Conflict", `the UID in the precondition (${uid}) is not the Pod's`, {
          name,
          kind: "pods",
        });
      }
      const seconds = Math.max(asked ?? pod.spec.terminationGracePeriodSeconds, 0);
      const dying = markDeleted(store, pod, seconds);
      void kubelet.stop(dying, seconds);
      return dying;
    },
  };
}

function markDeleted(store: Store, pod: Pod, seconds: number): Pod {
  const { namespace, name, deletionGracePeriodSeconds } = pod.metadata;
  // A second request can only shorten the time.
  if (deletionGracePeriodSeconds !== undefined && deletionGracePeriodSeconds <= seconds) return pod;
  const deletion = {
    deletionTimestamp: timestamp(new Date(Date.now() + seconds * 1_000)),
    deletionGracePeriodSeconds: seconds,
  };
  return (
    store.update(namespace, name, (one) => ({ ...one, metadata: { ...one.metadata, ...deletion } })) ?? pod
  );
}

function secondsOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid gracePeriodSeconds: ${JSON.stringify(text)}`);
  return Number(text);
}
