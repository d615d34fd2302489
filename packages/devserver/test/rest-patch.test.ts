import { describe, expect, test } from "vitest";
import { configMaps, createPatches, services } from "./patches.ts";
import { serve } from "./serve.ts";

const served = serve("patch");
const { create, patch } = createPatches(served);

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
    await create(configMaps, { metadata: { name: "operated", annotations: { z: "0" } }, data: { a: "1" } });
    const { body } = await patch("json", `${configMaps}/operated`, [
      { op: "test", path: "/data/a", value: "1" },
      { op: "add", path: "/metadata/annotations/a~1b", value: "2" },
      { op: "copy", from: "/data/a", path: "/data/c" },
      { op: "remove", path: "/data/a" },
    ]);
    expect([body.data, body.metadata.annotations]).toEqual([{ c: "1" }, { "a/b": "2", z: "0" }]);
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
      await served.requests.send("DELETE", `${services}/sorted`);
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
  const plain = await served.requests.send("PATCH", `${configMaps}/merged`, {});
  expect([plain.status, JSON.parse(plain.text).reason]).toEqual([415, "UnsupportedMediaType"]);
  const renamed = await patch("merge", `${configMaps}/merged`, { metadata: { name: "other" } });
  expect(renamed.body.message).toBe(
    "the name of the object (other) does not match the name on the URL (merged)",
  );
});
