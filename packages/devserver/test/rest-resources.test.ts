import { once } from "node:events";
import { type ContainerProgram, createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createRequests, podOf, podsPath, type Requests } from "./requests.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const inDefault = (name: string): string => `/api/v1/namespaces/default/${name}`;
const configMaps = inDefault("configmaps");

let server: DevServer;
let requests: Requests;

beforeAll(async () => {
  const idle: ContainerProgram = async ({ signal }) => {
    await once(signal, "abort");
  };
  server = await createDevServer({ images: { idle, stubborn: () => new Promise(() => undefined) } });
  requests = createRequests(server);
});

afterAll(() => server.close());

async function send(method: string, path: string, body?: unknown, headers = {}) {
  const { status, text, headers: answered } = await requests.send(method, path, body, headers);
  return { status, headers: answered, body: JSON.parse(text) };
}

describe("an object of any kind", () => {
  test.for([
    ["configmaps", "ConfigMap", { data: { a: "b" } }, { data: { a: "b" } }],
    ["secrets", "Secret", { stringData: { a: "b" } }, { data: { a: "Yg==" }, type: "Opaque" }],
    ["serviceaccounts", "ServiceAccount", {}, {}],
    [
      "services",
      "Service",
      { spec: { ports: [{ port: 80 }] } },
      {
        spec: {
          ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
          clusterIP: expect.stringMatching(/^10\.96\.\d+\.\d+$/),
          type: "ClusterIP",
          sessionAffinity: "None",
          ipFamilies: ["IPv4"],
        },
        status: { loadBalancer: {} },
      },
    ],
    ["events", "Event", { reason: "Tested", involvedObject: {} }, { reason: "Tested" }],
  ] as const)(
    "of %s is created, read, listed, replaced and deleted",
    async ([resource, kind, sent, stored]) => {
      const path = inDefault(resource);
      // Kind and version may be left out: the path says them.
      const created = await send("POST", path, { metadata: { name: "one", labels: { a: "1" } }, ...sent });
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({ kind, apiVersion: "v1", ...stored });
      expect(created.body.metadata).toEqual({
        name: "one",
        namespace: "default",
        labels: { a: "1" },
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.any(String),
      });
      expect((await send("GET", `${path}/one`)).body).toEqual(created.body);
      const list = await send("GET", `${path}?labelSelector=a%3D1&fieldSelector=metadata.name%3Done`);
      expect([list.body.kind, list.body.items]).toEqual([`${kind}List`, [created.body]]);
      const metadata = { ...created.body.metadata, labels: { a: "2" } };
      const replaced = await send("PUT", `${path}/one`, { ...created.body, metadata });
      expect([replaced.status, replaced.body.metadata.labels]).toEqual([200, { a: "2" }]);
      expect(Number(replaced.body.metadata.resourceVersion)).toBeGreaterThan(
        Number(created.body.metadata.resourceVersion),
      );
      expect((await send("DELETE", `${path}/one`)).status).toBe(200);
      expect((await send("GET", `${path}/one`)).body).toMatchObject({
        message: `${resource} "one" not found`,
        reason: "NotFound",
        details: { name: "one", kind: resource },
      });
    },
  );

  test("a deletion is answered with a Status, or with the object of some kinds", async () => {
    const { body } = await send("POST", configMaps, { metadata: { name: "gone" } });
    const { uid } = body.metadata;
    expect((await send("DELETE", `${configMaps}/gone`)).body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "gone", kind: "configmaps", uid },
    });
    await send("POST", inDefault("serviceaccounts"), { metadata: { name: "gone" } });
    expect((await send("DELETE", inDefault("serviceaccounts/gone"))).body.kind).toBe("ServiceAccount");
  });

  test("of another version than the stored one does not replace it, and without a version it does", async () => {
    const { body } = await send("POST", configMaps, { metadata: { name: "versioned" }, data: { a: "1" } });
    const { status, body: newer } = await send("PUT", `${configMaps}/versioned`, {
      ...body,
      data: { a: "2" },
    });
    expect(status).toBe(200);
    const stale = await send("PUT", `${configMaps}/versioned`, { ...body, data: { a: "3" } });
    expect([stale.status, stale.body.reason, stale.body.message]).toEqual([
      409,
      "Conflict",
      'Operation cannot be fulfilled on configmaps "versioned": the object has been modified; please apply your changes to the latest version and try again',
    ]);
    const blind = await send("PUT", `${configMaps}/versioned`, { metadata: { name: "versioned" } });
    expect([blind.status, blind.body.data]).toEqual([200, undefined]);
    expect(blind.body.metadata).toMatchObject({
      uid: newer.metadata.uid,
      creationTimestamp: newer.metadata.creationTimestamp,
    });
  });

  test("that is replaced by the same keeps its version", async () => {
    const { body } = await send("POST", configMaps, { metadata: { name: "same" }, data: { a: "1" } });
    const again = await send("PUT", `${configMaps}/same`, body);
    expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  test("takes a number more for every change, whatever the kind", async () => {
    const versions: number[] = [];
    for (const resource of ["configmaps", "secrets", "serviceaccounts"]) {
      const { body } = await send("POST", inDefault(resource), { metadata: { name: "counted" } });
      versions.push(Number(body.metadata.resourceVersion));
    }
    const [first = 0] = versions;
    expect(versions).toEqual([first, first + 1, first + 2]);
  });

  test.for([
    [
      "in a namespace that is not there",
      "/api/v1/namespaces/none/configmaps",
      {},
      404,
      'namespaces "none" not found',
    ],
    [
      "with a bad name",
      configMaps,
      { metadata: { name: "Bad_N" } },
      422,
      /^ConfigMap "Bad_N" is invalid: metadata\.name: Invalid value: "Bad_N": a lowercase RFC 1123 subdomain must/,
    ],
    [
      "with a bad key",
      configMaps,
      { data: { "a b": "x" } },
      422,
      /data\[a b\]: Invalid value: "a b": a valid config key must/,
    ],
    ["with a number for a text", configMaps, { data: { a: 1 } }, 400, /: data must be an object of strings$/],
    ["of another kind", configMaps, { kind: "Secret" }, 400, /must be apiVersion "v1", kind "ConfigMap"/],
    [
      "without ports",
      inDefault("services"),
      {},
      422,
      /^Service "x" is invalid: spec\.ports: Required value$/,
    ],
    [
      "with ports that have no name",
      inDefault("services"),
      { spec: { ports: [{ port: 80 }, { port: 81, name: "b" }] } },
      422,
      /^Service "x" is invalid: spec\.ports\[0\]\.name: Required value$/,
    ],
    [
      "with a port out of range",
      inDefault("services"),
      { spec: { ports: [{ port: 70000 }] } },
      422,
      /: \[spec\.ports\[0\]\.port: Invalid value: 70000: must be .+, spec\.ports\[0\]\.targetPort: Invalid value: 70000: must be/,
    ],
    [
      "with a name that is no label",
      inDefault("services"),
      { metadata: { name: "a.b" } },
      422,
      /metadata\.name: Invalid value: "a\.b": a lowercase RFC 1123 label must/,
    ],
    [
      "with a label and an annotation that are none",
      configMaps,
      {
        metadata: {
          name: "x",
          labels: { "a b": "c d", "x/y/z": "" },
          annotations: { "-a": "", "B.c/D": "" },
        },
      },
      422,
      /^ConfigMap "x" is invalid: \[metadata\.labels: Invalid value: "a b": name part must .+, metadata\.labels: Invalid value: "c d": a valid label must .+, metadata\.labels: Invalid value: "x\/y\/z": a qualified name must .+, metadata\.annotations: Invalid value: "-a": name part must (?!.*metadata)/,
    ],
    [
      "with finalizers",
      configMaps,
      { metadata: { name: "x", finalizers: ["a/b"] } },
      422,
      /metadata\.finalizers: Forbidden: devserver/,
    ],
  ] as const)("%s is refused", async ([, path, object, status, message]) => {
    const answer = await send("POST", path, { metadata: { name: "x" }, ...object });
    const expected = typeof message === "string" ? message : expect.stringMatching(message);
    expect([answer.status, answer.body.message]).toEqual([status, expected]);
  });

  test("that is immutable keeps its data", async () => {
    const { body } = await send("POST", configMaps, {
      metadata: { name: "fast" },
      immutable: true,
      data: { a: "1" },
    });
    const { status, body: refused } = await send("PUT", `${configMaps}/fast`, { ...body, data: { a: "2" } });
    expect([status, refused.details.causes[0].field]).toEqual([422, "data"]);
  });
});

describe("a field that a kind does not have", () => {
  const object = { metadata: { name: "odd", colour: "red" }, dada: { a: "b" } };

  test("is left out, with a warning", async () => {
    const { status, headers, body } = await send("POST", configMaps, object);
    expect(status).toBe(201);
    expect(body).not.toHaveProperty("dada");
    expect(body.metadata).not.toHaveProperty("colour");
    expect(headers.get("warning")).toBe(
      '299 - "unknown field \\"metadata.colour\\"", 299 - "unknown field \\"dada\\""',
    );
  });

  test("is warned of in ASCII, and as far as a header goes", async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`ünknown-${index}`, 1]));
    const { status, headers } = await send("POST", configMaps, { metadata: { name: "many" }, ...many });
    expect(status).toBe(201);
    expect(headers.get("warning")).toMatch(/^299 - "unknown field \\"\?nknown-0\\"", 299 - /);
    expect(headers.get("warning")?.length).toBeLessThan(5_000);
  });

  test("is a 400 where the client is strict, and nothing where it does not care", async () => {
    const strict = await send("POST", `${configMaps}?fieldValidation=Strict`, object);
    expect([strict.status, strict.body.message]).toEqual([
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.colour", unknown field "dada"',
    ]);
    const { metadata } = object;
    const ignored = await send("POST", `${configMaps}?fieldValidation=Ignore`, {
      ...object,
      metadata: { ...metadata, name: "odd-2" },
    });
    expect([ignored.status, ignored.headers.get("warning")]).toEqual([201, null]);
  });

  test("is found deep inside a Pod", async () => {
    const pod = podOf("odd", { image: "idle" });
    const containers = [{ name: "main", image: "idle", ports: [{ containerPort: 80, prot: "TCP" }] }];
    const { body } = await send("POST", `${podsPath}?fieldValidation=Strict`, {
      ...pod,
      spec: { containers },
    });
    expect(body.message).toMatch(
      /strict decoding error: unknown field "spec\.containers\[0\]\.ports\[0\]\.prot"$/,
    );
  });
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
      await requests.until(name, ({ status }) => status.phase === "Running");
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

describe("a namespace", () => {
  /** Waits until a namespace is gone, from the version of now on. */
  const goneAfterNow = async (name: string): Promise<() => Promise<void>> => {
    const { resourceVersion } = (await send("GET", "/api/v1/namespaces")).body.metadata;
    return async () => {
      const changes = requests.watch(`resourceVersion=${resourceVersion}`, "/api/v1/namespaces");
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
    for await (const { object } of requests.watch("", pods)) if (object.status.phase === "Running") break;
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
