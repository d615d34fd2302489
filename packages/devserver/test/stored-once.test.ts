import { expect, test } from "vitest";
import { resourceKinds } from "../src/rest/kinds.ts";
import type { KubernetesObject } from "../src/rest/object.ts";
import { createResource } from "../src/rest/resource.ts";
import { createRevisions, createStore } from "../src/rest/store.ts";

const kind = resourceKinds.find(({ name }) => name === "configmaps");

test("an object that is stored is written as JSON once, and takes the room of what is stored", () => {
  if (!kind) throw new Error("there are config maps");
  let written = 0;
  const data = {
    toJSON() {
      written += 1;
      return { a: "1" };
    },
  };
  const object = {
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata: { name: "a", namespace: "default", uid: "u", resourceVersion: "", creationTimestamp: "" },
    data,
  };
  const revisions = createRevisions(1_000_000);
  const store = createStore<KubernetesObject>(revisions);
  const resource = createResource(
    kind,
    store,
    { create: () => object, update: () => object },
    () => undefined,
  );
  const stored = resource.create("default", {});
  expect(written).toBe(1);
  expect(1_000_000 - revisions.freeBytes).toBe(JSON.stringify(stored).length);
  store.remove("default", "a");
  expect(revisions.freeBytes).toBe(1_000_000);
});
