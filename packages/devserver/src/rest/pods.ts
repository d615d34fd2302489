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
  delete(namespace: string, name: string, query: URLSearchParams, body: unknown): Promise<Pod>;
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
    async delete(namespace, name, query, body) {
      const pod = read(namespace, name);
      const asked = checkDelete(pod, query, body);
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

/** The grace period that a request asks for, if any; throws the refusal of one that must not be followed. */
function checkDelete({ metadata }: Pod, query: URLSearchParams, body: unknown): number | undefined {
  const options = createFields(body ?? {}, "", { kind: "DeleteOptions", causes: [] });
  if (!options) throw badRequest("the body of a delete must be DeleteOptions");
  if ((options.words("dryRun") ?? []).length > 0) throw badRequest("dryRun is not supported by devserver");
  const preconditions = options.object("preconditions");
  for (const [field, name] of [
    ["uid", "UID"],
    ["resourceVersion", "ResourceVersion"],
  ] as const) {
    const expected = preconditions.text(field);
    if (expected === undefined || expected === metadata[field]) continue;
    throw refusal(
      409,
      "Conflict",
      `Operation cannot be fulfilled on pods "${metadata.name}": the ${name} in the precondition (${expected}) does not match the ${name} in record (${metadata[field]})`,
      { name: metadata.name, kind: "pods" },
    );
  }
  return options.integer("gracePeriodSeconds") ?? secondsOf(query.get("gracePeriodSeconds"));
}

/** None for a Pod that never began or has ended; a negative one counts as 1. */
function graceOf({ spec, status: { phase } }: Pod, asked = spec.terminationGracePeriodSeconds): number {
  if (spec.nodeName === undefined || phase === "Succeeded" || phase === "Failed") return 0;
  return asked < 0 ? 1 : Math.min(asked, longestSeconds);
}

function markDeleted(store: Store, pod: Pod, seconds: number): Pod {
  const { namespace, name } = pod.metadata;
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
