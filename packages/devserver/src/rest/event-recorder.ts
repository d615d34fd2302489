import type { Kubelet } from "../pods/kubelet.ts";
import { nodeName } from "../pods/node-name.ts";
import { type Pod, timestamp } from "../pods/pod.ts";
import type { PodEvent } from "../pods/pod-event.ts";
import { objectAt, textAt } from "../schema/json.ts";
import { Refusal } from "../status.ts";
import type { KubernetesObject } from "./object.ts";
import { eventsOf } from "./pod-events.ts";
import type { Resource } from "./resource.ts";
import type { Reader } from "./store.ts";

/** Writes down what happens to Pods, for as long as the server is there. */
export function recordPodEvents(pods: Reader<Pod>, kubelet: Kubelet, events: Resource): void {
  const write = (pod: Pod, event: PodEvent): void => {
    try {
      record(events, pod, event);
    } catch (error) {
      // A namespace that ends takes no more of them.
      if (!(error instanceof Refusal)) throw error;
    }
  };
  pods.follow(pods.version, (change) => {
    for (const event of eventsOf(change)) write(change.object, event);
  });
  kubelet.follow(write);
}

/** The same event again is counted. */
function record(events: Resource, pod: Pod, event: PodEvent): void {
  const { namespace, name, uid } = pod.metadata;
  const isSame = (one: KubernetesObject): boolean =>
    textAt(one, "involvedObject", "uid") === uid &&
    textAt(one, "reason") === event.reason &&
    textAt(one, "message") === event.message &&
    textAt(one, "involvedObject", "fieldPath") === (event.container ?? "");
  const before = events.objects.list(namespace).find(isSame);
  const now = timestamp();
  if (before) {
    events.replace(namespace, before.metadata.name, (one) => ({
      ...one,
      count: Number(objectAt(one)["count"]) + 1,
      lastTimestamp: now,
    }));
    return;
  }
  events.create(namespace, {
    metadata: { name: `${name}.${events.objects.version.toString(16).padStart(16, "0")}`, namespace },
    involvedObject: {
      kind: "Pod",
      namespace,
      name,
      uid,
      apiVersion: "v1",
      resourceVersion: pod.metadata.resourceVersion,
      ...(event.container !== undefined && { fieldPath: event.container }),
    },
    reason: event.reason,
    message: event.message,
    source: { component: event.component, ...(event.component === "kubelet" && { host: nodeName }) },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    type: event.type,
    eventTime: null,
    reportingComponent: event.component,
    reportingInstance: event.component === "kubelet" ? nodeName : "",
  });
}
