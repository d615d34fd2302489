import { describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "../src/schema/json.ts";
import { configMaps, createPatches, services } from "./patches.ts";
import { serve } from "./serve.ts";

const served = serve("apply");
const { patch } = createPatches(served);

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
    // Their order is that of their times, which are seconds.
    expect(forced.body.metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: "three", fieldsV1: { "f:data": { "f:x": {} } } }),
    );
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
