import { once } from "node:events";
import { type ContainerProgram, createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isObject, type JsonObject } from "../src/schema/json.ts";
import { createRequests, podOf, podsPath, type Requests } from "./requests.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const types = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;
const configMaps = "/api/v1/namespaces/default/configmaps";
const services = "/api/v1/namespaces/default/services";

let server: DevServer;
let requests: Requests;

beforeAll(async () => {
  const idle: ContainerProgram = async ({ signal }) => {
    await once(signal, "abort");
  };
  server = await createDevServer({ images: { idle } });
  requests = createRequests(server);
});

afterAll(() => server.close());

async function patch(type: keyof typeof types, path: string, body: unknown) {
  const { status, text } = await requests.send("PATCH", path, body, { "content-type": types[type] });
  return { status, body: JSON.parse(text) };
}

async function create(path: string, object: JsonObject): Promise<void> {
  const { status, text } = await requests.send("POST", path, object);
  if (status !== 201) throw new Error(text);
}

describe("a merge patch", () => {
  test("merges objects, takes away what is null and replaces the rest", async () => {
    await create(configMaps, { metadata: { name: "merged" }, data: { a: "1", b: "2" } });
    const { status, body } = await patch("merge", `${configMaps}/merged`, {
      data: { a: null, b: "3", c: "4" },
      metadata: { labels: { app: "web" } },
    });
    expect([status, body.data, body.metadata.labels]).toEqual([200, { b: "3", c: "4" }, { app: "web" }]);
  });

  test("that changes nothing makes no new version", async () => {
    const before = await patch("merge", `${configMaps}/merged`, {});
    const after = await patch("merge", `${configMaps}/merged`, { data: { b: "3" } });
    expect(after.body.metadata.resourceVersion).toBe(before.body.metadata.resourceVersion);
  });

  test("in a dry run is answered and not stored", async () => {
    const { body } = await patch("merge", `${configMaps}/merged?dryRun=All`, { data: { b: "dry" } });
    expect(body.data.b).toBe("dry");
    expect((await patch("merge", `${configMaps}/merged`, {})).body.data.b).toBe("3");
  });
});

describe("a JSON patch", () => {
  test("does one operation after the other", async () => {
    await create(configMaps, { metadata: { name: "operated", annotations: {} }, data: { a: "1" } });
    const { body } = await patch("json", `${configMaps}/operated`, [
      { op: "test", path: "/data/a", value: "1" },
      { op: "add", path: "/metadata/annotations/a~1b", value: "2" },
      { op: "copy", from: "/data/a", path: "/data/c" },
      { op: "remove", path: "/data/a" },
    ]);
    expect([body.data, body.metadata.annotations]).toEqual([{ c: "1" }, { "a/b": "2" }]);
  });

  test.for([
    ["a test that does not hold", [{ op: "test", path: "/data/c", value: "9" }]],
    ["a path that is not there", [{ op: "remove", path: "/data/none" }]],
  ] as const)("with %s is a 422, and nothing is done", async ([, operations]) => {
    const { status, body } = await patch("json", `${configMaps}/operated`, [
      { op: "add", path: "/data/x", value: "1" },
      ...operations,
    ]);
    expect([status, body.reason]).toEqual([422, "Invalid"]);
    expect(body.message).toMatch(/^the server rejected our request due to an error in our request/);
    expect((await patch("merge", `${configMaps}/operated`, {})).body.data).not.toHaveProperty("x");
  });

  test.for([[{}], [[{ op: "swap", path: "/a" }]], [[{ op: "add" }]], [["x"]]] as const)(
    "%j is none",
    async ([operations]) => {
      expect((await patch("json", `${configMaps}/operated`, operations)).status).toBe(
        Array.isArray(operations) ? 422 : 400,
      );
    },
  );
});

describe("a strategic merge patch", () => {
  const port = (number: number, name = `p${number}`) => ({ port: number, name });
  const portsOf = (body: { spec: { ports: { port: number }[] } }): number[] =>
    body.spec.ports.map((one) => one.port);

  test("merges the elements of a list by their key, and adds new ones", async () => {
    await create(services, { metadata: { name: "keyed" }, spec: { ports: [port(80), port(81)] } });
    const { body } = await patch("strategic", `${services}/keyed`, {
      spec: { ports: [{ port: 81, targetPort: 8081 }, port(82)] },
    });
    expect(portsOf(body)).toEqual([80, 81, 82]);
    expect(body.spec.ports[1]).toEqual({ port: 81, name: "p81", protocol: "TCP", targetPort: 8081 });
  });

  test("follows $patch: delete, $patch: replace and $setElementOrder", async () => {
    const deleted = await patch("strategic", `${services}/keyed`, {
      spec: { ports: [{ port: 81, $patch: "delete" }] },
    });
    expect(portsOf(deleted.body)).toEqual([80, 82]);
    const sorted = await patch("strategic", `${services}/keyed`, {
      spec: { "$setElementOrder/ports": [{ port: 83 }, { port: 82 }, { port: 80 }], ports: [port(83)] },
    });
    expect(portsOf(sorted.body)).toEqual([83, 82, 80]);
    const replaced = await patch("strategic", `${services}/keyed`, {
      spec: { ports: [{ $patch: "replace" }, port(90)] },
    });
    expect(portsOf(replaced.body)).toEqual([90]);
    const emptied = await patch("strategic", `${services}/keyed`, {
      metadata: { labels: { $patch: "replace", only: "this" } },
    });
    expect(emptied.body.metadata.labels).toEqual({ only: "this" });
  });

  // As the real server orders them.
  test.for([
    ["one that is named between", [80, 81, 82], [82, 80], [80], [81, 82, 80]],
    ["one that is new", [81, 82, 80], [85, 81], [85], [85, 81, 82, 80]],
    ["an order alone", [85, 81, 82, 80], [80, 85], undefined, [81, 82, 80, 85]],
    ["one that is new, without an order", [90, 91], undefined, [92], [92, 90, 91]],
  ] as const)(
    "keeps the order of what it does not name, beside %s",
    async ([, before, order, ports, after]) => {
      await requests.send("DELETE", `${services}/sorted`);
      await create(services, {
        metadata: { name: "sorted" },
        spec: { ports: before.map((one) => port(one)) },
      });
      const { body } = await patch("strategic", `${services}/sorted`, {
        spec: {
          ...(order && { "$setElementOrder/ports": order.map((one) => ({ port: one })) }),
          ...(ports && { ports: ports.map((one) => port(one)) }),
        },
      });
      expect(portsOf(body)).toEqual(after);
    },
  );

  test("replaces a list that has no key, and a text takes the place of a text", async () => {
    const { body } = await patch("strategic", `${services}/keyed`, {
      spec: { sessionAffinity: "ClientIP", externalIPs: ["10.0.0.1"] },
    });
    expect(body.spec).toMatchObject({ sessionAffinity: "ClientIP", externalIPs: ["10.0.0.1"] });
  });

  test.for([
    ["an unknown directive", { metadata: { $patch: "swap" } }, /must be replace, merge or delete/],
    ["an element without its key", { spec: { ports: [{ name: "x" }] } }, /declared merge key: port/],
    [
      "an element that is not in the order",
      { spec: { "$setElementOrder/ports": [{ port: 90 }], ports: [port(91)] } },
      /91 is not in it/,
    ],
  ] as const)("with %s is a 400", async ([, body, message]) => {
    const answer = await patch("strategic", `${services}/keyed`, body);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringMatching(message)]);
  });
});

describe("of a Pod", () => {
  const immutable = /^Pod "fixed" is invalid: spec: Forbidden: pod updates may not change fields other than /;

  beforeAll(async () => {
    await create(podsPath, podOf("fixed", { image: "idle" }));
    await requests.until("fixed", ({ status }) => status.phase === "Running");
  });

  test("metadata and images can change", async () => {
    const { body } = await patch("strategic", `${podsPath}/fixed`, {
      metadata: { labels: { app: "web" }, annotations: { note: "x" } },
      spec: { containers: [{ name: "main", image: "idle:2" }] },
    });
    expect(body.metadata).toMatchObject({ labels: { app: "web" }, annotations: { note: "x" } });
    expect([body.spec.containers[0].image, body.status.phase]).toEqual(["idle:2", "Running"]);
  });

  test.for([
    ["the restart policy", { spec: { restartPolicy: "Always" } }, '- "restartPolicy": "Never"'],
    ["a command", { spec: { containers: [{ name: "main", command: ["x"] }] } }, '"command":["x"]'],
    ["the node", { spec: { nodeName: null } }, '+ "nodeName": null'],
  ] as const)("%s cannot, which is a 422 that shows it", async ([, change, shown]) => {
    const { status, body } = await patch("strategic", `${podsPath}/fixed`, change);
    expect([status, body.message]).toEqual([422, expect.stringMatching(immutable)]);
    expect(body.message).toContain(shown);
    expect(body.details).toMatchObject({ name: "fixed", kind: "Pod", causes: [{ field: "spec" }] });
  });

  test("containers can neither come nor go", async () => {
    const { status, body } = await patch("strategic", `${podsPath}/fixed`, {
      spec: { containers: [{ name: "two", image: "idle" }] },
    });
    const message = "Forbidden: pod updates may not add or remove containers";
    expect([status, body.message]).toEqual([422, `Pod "fixed" is invalid: spec.containers: ${message}`]);
  });

  test("its status is what it is, whatever is sent", async () => {
    const { body } = await patch("merge", `${podsPath}/fixed`, { status: { phase: "Failed" } });
    expect(body.status.phase).toBe("Running");
  });

  test("ephemeral containers come by their subresource alone, and stay", async () => {
    const path = `${podsPath}/fixed`;
    const spec = { ephemeralContainers: [{ name: "debug", image: "idle" }] };
    expect((await patch("strategic", path, { spec })).status).toBe(422);
    const added = await patch("strategic", `${path}/ephemeralcontainers`, { spec });
    expect([added.status, added.body.spec.ephemeralContainers]).toEqual([200, spec.ephemeralContainers]);
    const labelled = await patch("merge", path, { metadata: { labels: { x: "y" } } });
    expect(labelled.body.spec.ephemeralContainers).toEqual(spec.ephemeralContainers);
    const gone = await patch("merge", `${path}/ephemeralcontainers`, { spec: { ephemeralContainers: [] } });
    expect([gone.status, gone.body.message]).toEqual([
      422,
      'Pod "fixed" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed',
    ]);
    const clash = { spec: { ephemeralContainers: [{ name: "main", image: "idle" }] } };
    expect((await patch("strategic", `${path}/ephemeralcontainers`, clash)).status).toBe(422);
  });
});

describe("server-side apply", () => {
  const path = `${configMaps}/applied`;
  const apply = (manager: string, object: JsonObject, more = "") =>
    patch(
      "apply",
      `${path}?fieldManager=${manager}${more}`,
      JSON.stringify({
        apiVersion: "v1",
        kind: "ConfigMap",
        ...object,
        metadata: { name: "applied", ...(isObject(object["metadata"]) && object["metadata"]) },
      }),
    );

  test("makes the object where there is none, and says who applied what", async () => {
    const { status, body } = await apply("one", {
      metadata: { labels: { a: "1" } },
      data: { x: "1", y: "1" },
    });
    expect([status, body.metadata.name, body.data]).toEqual([201, "applied", { x: "1", y: "1" }]);
    expect(body.metadata.managedFields).toEqual([
      {
        manager: "one",
        operation: "Apply",
        apiVersion: "v1",
        time: expect.any(String),
        fieldsType: "FieldsV1",
        fieldsV1: { "f:metadata": { "f:labels": { "f:a": {} } }, "f:data": { "f:x": {}, "f:y": {} } },
      },
    ]);
  });

  test("takes away what its manager no longer applies, and nothing else", async () => {
    await patch("merge", path, { data: { own: "1" } });
    await apply("two", { data: { y: "1", z: "1" } });
    const { status, body } = await apply("one", { data: { x: "2" } });
    expect([status, body.data, body.metadata.labels]).toEqual([
      200,
      { own: "1", x: "2", y: "1", z: "1" },
      undefined,
    ]);
  });

  test("what another one has applied otherwise is a conflict, unless forced", async () => {
    const { status, body } = await apply("three", { data: { x: "3" } });
    expect([status, body.reason, body.message]).toEqual([
      409,
      "Conflict",
      'Apply failed with 1 conflict: conflict with "one": .data.x',
    ]);
    expect(body.details.causes).toEqual([
      { reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.x" },
    ]);
    const several = await apply("three", { data: { x: "3", z: "3" } });
    expect(several.body.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.x\nconflicts with "two":\n- .data.z',
    );
    const forced = await apply("three", { data: { x: "3" } }, "&force=true");
    expect([forced.status, forced.body.data.x]).toEqual([200, "3"]);
    const [owner] = forced.body.metadata.managedFields;
    expect([owner.manager, owner.fieldsV1]).toEqual(["three", { "f:data": { "f:x": {} } }]);
  });

  test("the same value from two of them is none", async () => {
    expect((await apply("four", { data: { x: "3" } })).status).toBe(200);
  });

  test("merges lists by the keys of their elements", async () => {
    const applied = (ports: object[]) =>
      patch(
        "apply",
        `${services}/applied?fieldManager=one`,
        JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name: "applied" }, spec: { ports } }),
      );
    await applied([
      { port: 80, name: "a" },
      { port: 81, name: "b" },
    ]);
    const { body } = await applied([{ port: 81, name: "c" }]);
    expect(body.spec.ports).toEqual([{ port: 81, name: "c", protocol: "TCP", targetPort: 81 }]);
  });

  test("needs a manager, and takes YAML", async () => {
    const { status, body } = await patch("apply", path, "kind: ConfigMap");
    expect([status, body.details.causes[0].field]).toEqual([422, "fieldManager"]);
    const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata:\n  x: '3'\n";
    expect((await patch("apply", `${path}?fieldManager=three`, yaml)).status).toBe(200);
  });
});

test.for([
  [
    "no version",
    { kind: "ConfigMap", metadata: { name: "applied" } },
    "invalid object type: /, Kind=ConfigMap",
  ],
  [
    "no name",
    { apiVersion: "v1", kind: "ConfigMap" },
    "the name of the object (applied based on URL) was undeterminable: name must be provided",
  ],
  [
    "another name",
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "other" } },
    "the name of the object (other) does not match the name on the URL (applied)",
  ],
] as const)("an apply with %s is a 400", async ([, object, message]) => {
  const { status, body } = await patch(
    "apply",
    `${configMaps}/applied?fieldManager=one`,
    JSON.stringify(object),
  );
  expect([status, body.message]).toEqual([400, message]);
});

test("of what is no object of the kind afterwards is a 422", async () => {
  await create(configMaps, { metadata: { name: "typed" } });
  for (const [more, change, why] of [
    ["", { data: { a: 5 } }, "data must be an object of strings"],
    ["?fieldValidation=Strict", { dada: {} }, 'strict decoding error: unknown field "dada"'],
  ] as const) {
    const { status, body } = await patch("merge", `${configMaps}/typed${more}`, change);
    expect([status, body.details.causes[0].field]).toEqual([422, "patch"]);
    expect(body.message).toContain(why);
  }
});

test("reaches no further than the object", async () => {
  await create(configMaps, { metadata: { name: "pristine" } });
  const path = `${configMaps}/pristine`;
  await patch("json", path, [{ op: "add", path: "/__proto__/polluted", value: "yes" }]);
  for (const type of ["merge", "strategic"] as const) {
    await patch(type, path, '{"__proto__":{"polluted":"yes"},"metadata":{"__proto__":{"polluted":"yes"}}}');
  }
  expect(Object.prototype).not.toHaveProperty("polluted");
});

test("of what is not there is a 404, in another format a 415, and for another name a 400", async () => {
  expect((await patch("merge", `${configMaps}/none`, {})).status).toBe(404);
  const plain = await requests.send("PATCH", `${configMaps}/merged`, {});
  expect([plain.status, JSON.parse(plain.text).reason]).toEqual([415, "UnsupportedMediaType"]);
  const renamed = await patch("merge", `${configMaps}/merged`, { metadata: { name: "other" } });
  expect(renamed.body.message).toBe(
    "the name of the object (other) does not match the name on the URL (merged)",
  );
});
