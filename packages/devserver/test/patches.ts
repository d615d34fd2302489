import type { JsonObject } from "../src/schema/json.ts";
import type { Served } from "./serve.ts";

const types = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

export const configMaps = "/api/v1/namespaces/default/configmaps";
export const services = "/api/v1/namespaces/default/services";

/** Creates objects and patches them. */
export function createPatches(served: Served) {
  return {
    async create(path: string, object: JsonObject): Promise<void> {
      const { status, text } = await served.requests.send("POST", path, object);
      if (status !== 201) throw new Error(text);
    },
    async patch(type: keyof typeof types, path: string, body: unknown) {
      const { status, text } = await served.requests.send("PATCH", path, body, {
        "content-type": types[type],
      });
      return { status, body: JSON.parse(text) };
    },
  };
}
