import type { KubernetesObject } from "../rest/object.ts";
import type { Store } from "../rest/store.ts";
import { objectAt } from "../schema/json.ts";

/** Where the configuration of containers is stored. */
export interface ConfigStores {
  readonly configmaps: Store<KubernetesObject>;
  readonly secrets: Store<KubernetesObject>;
}

type ConfigKind = keyof ConfigStores;

/** A container cannot be made, as something that it refers to is not there; it waits until that is. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** A volume cannot be made, which holds up all containers of its Pod. */
export class MountError extends ConfigError {}

const kinds = { configmaps: ["configmap", "ConfigMap"], secrets: ["secret", "Secret"] } as const;

/** The config maps and secrets that the containers of one namespace can refer to. */
export interface PodConfig {
  /** All values of one of them; undefined when it is optional and not there. Throws a ConfigError. */
  values(kind: ConfigKind, name: string, optional: boolean): ReadonlyMap<string, Buffer> | undefined;
  /** One value; undefined when it is optional and not there. Throws a ConfigError. */
  value(kind: ConfigKind, name: string, key: string, optional: boolean): Buffer | undefined;
  /** Notes this moment; what it gives resolves when any of them has changed since, or the signal is aborted. */
  mark(): (signal: AbortSignal) => Promise<void>;
}

export function createPodConfig(stores: ConfigStores, namespace: string): PodConfig {
  const values: PodConfig["values"] = (kind, name, optional) => {
    const object = stores[kind].read(namespace, name);
    if (object) return valuesOf(kind, object);
    if (optional) return undefined;
    throw new ConfigError(`${kinds[kind][0]} ${JSON.stringify(name)} not found`);
  };
  return {
    values,
    value(kind, name, key, optional) {
      const value = values(kind, name, optional)?.get(key);
      if (value !== undefined || optional) return value;
      throw new ConfigError(`couldn't find key ${key} in ${kinds[kind][1]} ${namespace}/${name}`);
    },
    mark() {
      const marks = Object.values(stores).map((store) => ({ store, version: store.version }));
      return async (signal) => {
        let done = (): void => undefined;
        const changed = new Promise<void>((resolve) => {
          done = resolve;
        });
        const stops = marks.map(({ store, version }) => store.follow(version, done));
        // Forgotten changes are changes.
        if (stops.includes(undefined) || signal.aborted) done();
        signal.addEventListener("abort", done);
        await changed;
        for (const stop of stops) stop?.();
        signal.removeEventListener("abort", done);
      };
    },
  };
}

function valuesOf(kind: ConfigKind, object: KubernetesObject): ReadonlyMap<string, Buffer> {
  const texts = (field: string, encoding: "utf8" | "base64"): [string, Buffer][] =>
    Object.entries(objectAt(object, field)).map(([key, text]) => [key, Buffer.from(String(text), encoding)]);
  if (kind === "secrets") return new Map(texts("data", "base64"));
  return new Map([...texts("data", "utf8"), ...texts("binaryData", "base64")]);
}
