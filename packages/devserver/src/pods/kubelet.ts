import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { removeFolder } from "../containers/folder.ts";
import type { FindImage } from "../containers/images.ts";
import type { ContainerLog } from "../logs/container-log.ts";
import { endUnlessHeld } from "../rest/finalizers.ts";
import { withEntries } from "../rest/patch/managed-fields.ts";
import { updatedManagers } from "../rest/patch/managers.ts";
import type { Store } from "../rest/store.ts";
import { schemaOf } from "../schema/schema.ts";
import { containerFieldOf } from "./container-name.ts";
import { isElsewhere, nodeName } from "./node-name.ts";
import type { Pod } from "./pod.ts";
import { foreignConditionsOf } from "./pod-conditions.ts";
import type { ConfigStores } from "./pod-config.ts";
import type { PodEvent } from "./pod-event.ts";
import { createPodLife, type PodLife } from "./pod-life.ts";
import { podStatusOf } from "./pod-status.ts";
import type { RunningContainer } from "./running-container.ts";

/** Runs the Pods of the store, and writes into it what becomes of them. */
export interface Kubelet {
  /** Takes on a new Pod, a moment later, unless it is another node's. */
  start(pod: Pod): void;
  /** Ends a Pod within a grace period and removes it, unless finalizers hold it; never rejects. Without grace it removes another node's, too. */
  stop(pod: Pod, graceSeconds: number): Promise<void>;
  /** A container that runs now. */
  running(pod: Pod, container: string): RunningContainer | undefined;
  /** What an instance of a container has written; undefined when it never ran, or is forgotten. */
  log(pod: Pod, containerID: string): ContainerLog | undefined;
  /** Calls this for what happens to a container and its status does not tell. */
  follow(listener: (pod: Pod, event: PodEvent) => void): void;
  /** Ends everything at once, and takes on nothing more. */
  close(): Promise<void>;
}

/** The Pod after a kubelet has written its status, which it owns from then on. */
function signed(before: Pod, after: Pod): Pod {
  const [old, now] = [{ ...before }, { ...after }];
  const updater = { name: "kubelet", subresource: "status" };
  const entries = updatedManagers(updater, old, [now, now], schemaOf("v1", "Pod") ?? {});
  return { ...after, metadata: withEntries(after.metadata, entries) };
}

export function createKubelet(
  store: Store,
  findImage: FindImage,
  folder: string,
  configs: ConfigStores,
): Kubelet {
  const lives = new Map<string, PodLife>();
  const listeners: ((pod: Pod, event: PodEvent) => void)[] = [];

  let closed = false;

  /** Writes down what has become of a Pod. */
  const publish = ({ metadata: { namespace, name, uid } }: Pod): void => {
    const life = lives.get(uid);
    if (!life) return;
    store.update(namespace, name, (one) => {
      if (one.metadata.uid !== uid) return one;
      const status = podStatusOf(one, life.statuses, life.prepared);
      return isDeepStrictEqual(status, one.status) ? one : signed(one, { ...one, status });
    });
  };

  const launch = ({ metadata: { namespace, name, uid } }: Pod): void => {
    const isAwaited = ({ metadata }: Pod): boolean =>
      metadata.uid === uid && metadata.deletionTimestamp === undefined;
    const pod = store.update(namespace, name, (one) =>
      // Deleted, or replaced, before it was launched.
      isAwaited(one) && !closed ? { ...one, spec: { ...one.spec, nodeName } } : one,
    );
    if (!pod || !isAwaited(pod) || closed) return;
    const life = createPodLife({
      pod,
      findImage,
      configs,
      folder: join(folder, uid),
      changed: () => publish(pod),
      tell(container, event) {
        const now = store.read(namespace, name);
        if (now?.metadata.uid !== uid) return;
        const field = containerFieldOf(now, container);
        for (const one of listeners) one(now, { ...event, component: "kubelet", container: field });
      },
    });
    lives.set(uid, life);
    publish(pod);
    life.run();
    debug(pod);
  };

  const debug = ({ metadata: { uid }, spec: { ephemeralContainers = [] } }: Pod): void => {
    lives.get(uid)?.debug(ephemeralContainers);
  };

  store.follow(store.version, ({ type, object, before }) => {
    if (type !== "MODIFIED" || !before) return;
    // Others are still being told of this change.
    if (object.spec.ephemeralContainers !== before.spec.ephemeralContainers) setImmediate(debug, object);
    const isAnother =
      object.metadata.generation !== before.metadata.generation && object.spec !== before.spec;
    // Its readiness gates may wait for them.
    if (isAnother || !isDeepStrictEqual(foreignConditionsOf(object), foreignConditionsOf(before))) {
      setImmediate(publish, object);
    }
  });

  const stop = async (pod: Pod, graceSeconds: number): Promise<void> => {
    const { metadata } = pod;
    const { uid } = metadata;
    if (isElsewhere(pod) && graceSeconds > 0) return;
    await lives.get(uid)?.stop(graceSeconds * 1_000);
    lives.delete(uid);
    await removeFolder(join(folder, uid));
    endUnlessHeld(store, metadata);
  };

  return {
    start(pod) {
      if (!isElsewhere(pod)) setImmediate(launch, pod);
    },
    stop,
    running: ({ metadata: { uid } }, container) => lives.get(uid)?.find(container)?.running,
    log({ metadata: { uid } }, containerID) {
      for (const life of lives.get(uid)?.all ?? []) {
        const log = life.log(containerID);
        if (log) return log;
      }
      return undefined;
    },
    follow(listener) {
      listeners.push(listener);
    },
    async close() {
      closed = true;
      await Promise.all(store.list().map((pod) => stop(pod, 0)));
    },
  };
}
