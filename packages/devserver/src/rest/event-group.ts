import { type JsonObject, objectAt } from "../schema/json.ts";
import { apiVersionOf } from "../schema/schema.ts";
import type { ResourceKind } from "./kinds.ts";
import type { KubernetesObject } from "./object.ts";
import type { Resource, WriteOptions } from "./resource.ts";
import type { Change } from "./store.ts";

/** Names that events.k8s.io has for what the core group calls otherwise. */
const names: readonly (readonly [group: string, core: string])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["reportingController", "reportingComponent"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];

/** The same events under the names of the newer group. */
export function eventGroupResource(kind: ResourceKind, core: Resource): Resource {
  const toGroup = (event: KubernetesObject): KubernetesObject => ({
    ...renamed({ ...event }, new Map(names.map(([group, old]) => [old, group]))),
    kind: kind.kind,
    apiVersion: apiVersionOf(kind),
    metadata: event.metadata,
  });
  const toCore = (event: JsonObject): JsonObject => ({
    ...renamed(event, new Map(names)),
    kind: core.kind.kind,
    apiVersion: apiVersionOf(core.kind),
    metadata: objectAt(event, "metadata"),
  });
  const converted = (change: Change<KubernetesObject>): Change<KubernetesObject> => ({
    ...change,
    object: toGroup(change.object),
    before: change.before && toGroup(change.before),
  });
  const { objects } = core;
  return {
    kind,
    objects: {
      get version() {
        return objects.version;
      },
      read(namespace, name) {
        const event = objects.read(namespace, name);
        return event && toGroup(event);
      },
      list: (namespace) => objects.list(namespace).map(toGroup),
      follow: (version, listener) => objects.follow(version, (change) => listener(converted(change))),
    },
    create: (namespace, body, options) => toGroup(core.create(namespace, toCore(body), unowned(options))),
    read: (namespace, name) => toGroup(core.read(namespace, name)),
    replace: (namespace, name, change, options) =>
      toGroup(core.replace(namespace, name, (before) => toCore(change(toGroup(before))), unowned(options))),
    delete: async (namespace, name, options) => toGroup(await core.delete(namespace, name, options)),
  };
}

/** Fields are owned under the names of the group that they were sent in. */
function unowned({ dryRun = false }: WriteOptions = {}): WriteOptions {
  return { dryRun };
}

function renamed(event: JsonObject, to: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [to.get(name) ?? name, value]));
}
