import { resourceKinds } from "./rest/kinds.ts";
import type { KubernetesObject } from "./rest/object.ts";
import type { Resource } from "./rest/resource.ts";
import type { Resources } from "./rest/resources.ts";
import { objectAt, textAt, valueAt } from "./schema/json.ts";
import { createWaiting, type Waiting, type WaitOptions } from "./waiting.ts";

/** What Kubernetes tells of an object, as `kubectl get events` shows it. */
export interface KubernetesEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** How often it happened so far. */
  readonly count: number;
  /** Who says it: `kubelet`, `default-scheduler`. */
  readonly component: string;
  /** What it is about; a container by its field path. */
  readonly about: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly fieldPath: string;
  };
}

/** Which event is meant: the one for which all that is given holds. */
export interface EventFilter {
  readonly type?: string;
  readonly reason?: string;
  /** The whole message, or what a part of it looks like. */
  readonly message?: string | RegExp;
  /** The name of a Pod. */
  readonly pod?: string;
  readonly namespace?: string;
  readonly where?: (event: KubernetesEvent) => boolean;
}

/** A stored object of any kind. */
export type StoredObject = KubernetesObject & { readonly [field: string]: unknown };

/** What happens to objects. Iterating goes through all events, also those to come, until the server closes. */
export interface ServerEvents extends AsyncIterable<KubernetesEvent> {
  /** Resolves with the first event that matches; waits for it where it has not happened. */
  seen(filter: EventFilter, options?: WaitOptions): Promise<KubernetesEvent>;
  /**
   * Resolves with an object when the condition holds of it, as now or after a change; undefined stands for none of the name.
   * `resource` is as in paths: `configmaps`.
   */
  until(
    resource: string,
    name: string,
    condition: (object: StoredObject | undefined) => boolean,
    options?: WaitOptions & { readonly namespace?: string },
  ): Promise<StoredObject | undefined>;
}

/** The events as the server sees them. */
export interface EventRegistry extends ServerEvents {
  close(): void;
}

export function createServerEvents({ events, find: findResource }: Resources): EventRegistry {
  const find = (name: string): Resource | undefined => {
    const kind = resourceKinds.find((one) => one.name === name);
    return kind && findResource(kind);
  };
  const closing = createWaiting();
  const open = new Set<Waiting>([closing]);
  const all = (): KubernetesEvent[] =>
    events.objects
      .list()
      .sort((one, other) => Number(one.metadata.resourceVersion) - Number(other.metadata.resourceVersion))
      .map(eventOf);

  /** Looks at every change of a resource. */
  const follow = async <T>(resource: Resource, look: (waiting: Waiting) => Promise<T>): Promise<T> => {
    const waiting = createWaiting();
    const stop = resource.objects.follow(resource.objects.version, waiting.changed);
    open.add(waiting);
    try {
      return await look(waiting);
    } finally {
      stop?.();
      open.delete(waiting);
    }
  };

  return {
    seen(filter, options) {
      const matches = matcherOf(filter);
      const what = () =>
        `an event came that is ${shown(filter)}; there are ${shown(all().map(({ reason }) => reason))}`;
      return follow(events, (waiting) => waiting.until(what, () => all().find(matches), options));
    },
    async until(name, object, condition, { namespace = "default", ...options } = {}) {
      const resource = find(name);
      if (!resource)
        throw new TypeError(
          `there is no resource ${JSON.stringify(name)}: the name has to be as in paths, such as configmaps`,
        );
      const read = (): StoredObject | undefined => {
        const found = resource.objects.read(resource.kind.namespaced ? namespace : "", object);
        return found && { ...found };
      };
      const what = () => `the condition held of ${name} ${JSON.stringify(object)}`;
      const look = () => {
        const found = read();
        return condition(found) ? { found } : undefined;
      };
      return (await follow(resource, (waiting) => waiting.until(what, look, options))).found;
    },
    async *[Symbol.asyncIterator]() {
      const waiting = createWaiting();
      open.add(waiting);
      const queue: KubernetesEvent[] = all();
      const stop = events.objects.follow(events.objects.version, ({ type, object }) => {
        if (type !== "DELETED") queue.push(eventOf(object));
        waiting.changed();
      });
      try {
        yield* waiting.each(() => queue.shift());
      } finally {
        stop?.();
        open.delete(waiting);
      }
    },
    close() {
      for (const waiting of [...open]) waiting.close();
    },
  };
}

function eventOf(object: KubernetesObject): KubernetesEvent {
  const about = objectAt(object, "involvedObject");
  return {
    type: textAt(object, "type"),
    reason: textAt(object, "reason"),
    message: textAt(object, "message"),
    count: Number(valueAt(object, ["count"]) ?? 1),
    component: textAt(object, "source", "component") || textAt(object, "reportingComponent"),
    about: {
      kind: textAt(about, "kind"),
      namespace: textAt(about, "namespace"),
      name: textAt(about, "name"),
      fieldPath: textAt(about, "fieldPath"),
    },
  };
}

function matcherOf({ type, reason, message, pod, namespace, where = () => true }: EventFilter) {
  const same = (wanted: string | undefined, found: string): boolean =>
    wanted === undefined || wanted === found;
  return (event: KubernetesEvent): boolean =>
    same(type, event.type) &&
    same(reason, event.reason) &&
    (message instanceof RegExp ? event.message.search(message) >= 0 : same(message, event.message)) &&
    (pod === undefined || (event.about.kind === "Pod" && event.about.name === pod)) &&
    same(namespace, event.about.namespace) &&
    where(event);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_key, one: unknown) => (one instanceof RegExp ? String(one) : one));
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
