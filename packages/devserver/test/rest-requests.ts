import type { Action } from "./rest-transcript.ts";

// How actions are written down.

export const inDefault = (resource: string, name?: string): string =>
  `/api/v1/namespaces/default/${resource}${name === undefined ? "" : `/${name}`}`;
export const configMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "NAME" },
  data: { a: "1" },
};
export const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "NAME" },
  spec: {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image: "local/busybox:1", command: ["sleep", "1000"] }],
  },
};
const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

export const get = (id: string, path: string, more: Partial<Action> = {}): Action => ({
  id,
  method: "GET",
  path,
  ...more,
});
export const post = (id: string, path: string, body: unknown, more: Partial<Action> = {}): Action => ({
  id,
  method: "POST",
  path,
  body,
  ...more,
});
export const put = (id: string, path: string, body: unknown): Action => ({ id, method: "PUT", path, body });
export const patch = (id: string, type: keyof typeof patchTypes, path: string, body: unknown): Action => ({
  id,
  method: "PATCH",
  path,
  body,
  type: patchTypes[type],
});
export const remove = (id: string, path: string, body?: unknown): Action => ({
  id,
  method: "DELETE",
  path,
  body,
});
