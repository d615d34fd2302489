import { once } from "node:events";
import type { ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { createJson, podOf, podsPath } from "./requests.ts";
import { serve } from "./serve.ts";

const idle: ContainerProgram = async ({ signal }) => {
  await once(signal, "abort");
};
const inDefault = (name: string): string => `/api/v1/namespaces/default/${name}`;
const served = serve("namespaces", { images: { idle, stubborn: () => new Promise(() => undefined) } });
const send = createJson(served);

describe("a namespace", () => {
  /** Waits until a namespace is gone, from the version of now on. */
  const goneAfterNow = async (name: string): Promise<() => Promise<void>> => {
    const { resourceVersion } = (await send("GET", "/api/v1/namespaces")).body.metadata;
    return async () => {
      const changes = served.requests.watch(`resourceVersion=${resourceVersion}`, "/api/v1/namespaces");
      for await (const { type, object } of changes) {
        if (type === "DELETED" && object.metadata.name === name) return;
      }
    };
  };

  test("is there from the beginning, or created", async () => {
    const names = (await send("GET", "/api/v1/namespaces")).body.items.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    );
    expect(names).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
    const { body } = await send("POST", "/api/v1/namespaces", { metadata: { name: "team" } });
    expect(body).toMatchObject({
      metadata: { name: "team", labels: { "kubernetes.io/metadata.name": "team" } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
    expect(body.metadata).not.toHaveProperty("namespace");
  });

  test("that ends takes nothing new, ends what is in it, and is gone", async () => {
    await send("POST", "/api/v1/namespaces/team/configmaps", { metadata: { name: "settings" } });
    const program = podOf("slow", { image: "idle" }, { terminationGracePeriodSeconds: 30 });
    await send("POST", "/api/v1/namespaces/team/pods", program);
    const gone = await goneAfterNow("team");
    const { status, body } = await send("DELETE", "/api/v1/namespaces/team");
    expect([status, body.status.phase]).toEqual([200, "Terminating"]);
    await gone();
    for (const resource of ["pods", "configmaps", "events"]) {
      expect((await send("GET", `/api/v1/namespaces/team/${resource}`)).body.items).toEqual([]);
    }
    expect((await send("GET", "/api/v1/namespaces/team")).status).toBe(404);
  });

  test("of every cluster cannot be deleted", async () => {
    const { status, body } = await send("DELETE", "/api/v1/namespaces/kube-system");
    expect([status, body.message]).toEqual([
      403,
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    ]);
  });

  test("while it ends is a 403 for what is new", async () => {
    await send("POST", "/api/v1/namespaces", { metadata: { name: "ending" } });
    const pods = "/api/v1/namespaces/ending/pods";
    await send(
      "POST",
      pods,
      podOf("stubborn", { image: "stubborn" }, { terminationGracePeriodSeconds: 600 }),
    );
    for await (const { object } of served.requests.watch("", pods))
      if (object.status.phase === "Running") break;
    await send("DELETE", "/api/v1/namespaces/ending");
    const gone = await goneAfterNow("ending");
    const late = { metadata: { name: "late" } };
    const { status, body } = await send("POST", "/api/v1/namespaces/ending/configmaps", late);
    expect([status, body.message, body.details]).toEqual([
      403,
      'configmaps "late" is forbidden: unable to create new content in namespace ending because it is being terminated',
      {
        name: "late",
        kind: "configmaps",
        causes: [
          {
            reason: "NamespaceTerminating",
            message: "namespace ending is being terminated",
            field: "metadata.namespace",
          },
        ],
      },
    ]);
    // It waits for the last Pod.
    await send("DELETE", `${pods}/stubborn`, { gracePeriodSeconds: 0 });
    await gone();
  });
});

test("there is one node, which is ready, and can be changed and not created", async () => {
  const { body } = await send("GET", "/api/v1/nodes");
  expect(body.items).toHaveLength(1);
  expect(body.items[0]).toMatchObject({ metadata: { name: "devserver" } });
  expect(body.items[0].status.conditions[0]).toMatchObject({ type: "Ready", status: "True" });
  const { body: node } = await send("PUT", "/api/v1/nodes/devserver", {
    ...body.items[0],
    spec: { unschedulable: true },
  });
  expect(node.spec).toEqual({ unschedulable: true });
  expect((await send("POST", "/api/v1/nodes", { metadata: { name: "second" } })).status).toBe(405);
  const found = await send("GET", "/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue");
  expect(found.body.items).toHaveLength(1);
});

test("events are there in both groups, under the names of each", async () => {
  const core = {
    metadata: { name: "told" },
    involvedObject: { kind: "Pod", name: "web" },
    reason: "Tested",
    message: "it was tested",
    type: "Normal",
    count: 2,
  };
  await send("POST", inDefault("events"), core);
  const path = "/apis/events.k8s.io/v1/namespaces/default/events";
  const { body } = await send("GET", `${path}/told`);
  expect(body).toMatchObject({
    kind: "Event",
    apiVersion: "events.k8s.io/v1",
    regarding: { kind: "Pod", name: "web" },
    note: "it was tested",
    deprecatedCount: 2,
  });
  const { status } = await send("PUT", `${path}/told`, { ...body, note: "again" });
  expect([status, (await send("GET", inDefault("events/told"))).body.message]).toEqual([200, "again"]);
  const selected = await send("GET", `${path}?fieldSelector=regarding.name%3Dweb`);
  expect([selected.body.kind, selected.body.apiVersion]).toEqual(["EventList", "events.k8s.io/v1"]);
  expect(selected.body.items).toHaveLength(1);
});

describe("deleting a collection", () => {
  test("deletes what is selected, and answers with it", async () => {
    for (const [name, app] of [
      ["col-a", "web"],
      ["col-b", "web"],
      ["col-c", "api"],
    ] as const) {
      await send("POST", podsPath, {
        ...podOf(name, { image: "idle" }),
        metadata: { name, labels: { app } },
      });
      await served.requests.until(name, ({ status }) => status.phase === "Running");
    }
    const { status, body } = await send("DELETE", `${podsPath}?labelSelector=app%3Dweb`, {
      gracePeriodSeconds: 0,
    });
    expect([status, body.kind]).toEqual([200, "PodList"]);
    const names = (await send("GET", podsPath)).body.items.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    );
    expect(names).toEqual(["col-c"]);
    await send("DELETE", podsPath, { gracePeriodSeconds: 0 });
  });
});
