import { expect, test } from "vitest";
import { configMaps, createPatches } from "./patches.ts";
import { createJson } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("managers");
const { patch } = createPatches(served);
const send = createJson(served);
const applied = (name: string, data: object) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});
const path = (name: string): string => `${configMaps}/${name}`;
const create = (name: string, query: string, headers = {}) =>
  send("POST", `${configMaps}${query}`, { metadata: { name }, data: { a: "1" } }, headers);
const managersOf = ({ metadata }: { metadata: { managedFields?: { manager: string }[] } }) =>
  metadata.managedFields?.map(({ manager }) => manager);

test("who changes is the manager that the query names, else the program, else unknown", async () => {
  const named = await create("named", "?fieldManager=me", { "user-agent": "tool/1.0 (linux)" });
  expect(named.body.metadata.managedFields).toEqual([
    {
      manager: "me",
      operation: "Update",
      apiVersion: "v1",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      fieldsType: "FieldsV1",
      fieldsV1: { "f:data": { ".": {}, "f:a": {} } },
    },
  ]);
  expect(managersOf((await create("program", "", { "user-agent": "tool/1.0 (linux)" })).body)).toEqual([
    "tool",
  ]);
  expect(managersOf((await create("nobody", "", { "user-agent": "" })).body)).toEqual(["unknown"]);
});

test("a change of nothing changes no manager, and so does a dry run", async () => {
  const { body } = await create("still", "?fieldManager=me");
  await patch("merge", `${path("still")}?fieldManager=other`, { data: { a: "1" } });
  await patch("merge", `${path("still")}?fieldManager=other&dryRun=All`, { data: { a: "2" } });
  expect((await send("GET", path("still"))).body).toEqual(body);
});

test("a part of the object is owned apart", async () => {
  const base = "/api/v1/namespaces/default/pods";
  await send("POST", `${base}?fieldManager=me`, {
    metadata: { name: "gated" },
    spec: { readinessGates: [{ conditionType: "a/b" }], containers: [{ name: "main", image: "none" }] },
  });
  const condition = { type: "a/b", status: "False" };
  const { body } = await patch("strategic", `${base}/gated/status?fieldManager=gate`, {
    status: { conditions: [condition] },
  });
  expect(
    body.metadata.managedFields.find(({ manager }: { manager: string }) => manager === "gate"),
  ).toMatchObject({
    subresource: "status",
    fieldsV1: { "f:status": { "f:conditions": { 'k:{"type":"a/b"}': { ".": {}, "f:status": {} } } } },
  });
  await served.requests.delete("gated");
});

test("managers can be taken away, and then only an apply tells whose it was", async () => {
  await create("reset", "?fieldManager=me");
  const { body } = await patch("merge", path("reset"), { metadata: { managedFields: [{}] } });
  expect(managersOf(body)).toBeUndefined();
  const changed = await patch("merge", `${path("reset")}?fieldManager=other`, { data: { a: "2" } });
  expect(managersOf(changed.body)).toBeUndefined();
  const conflict = await patch("apply", `${path("reset")}?fieldManager=y`, applied("reset", { a: "3" }));
  expect(conflict.body.message).toBe(
    'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
  );
});

test("who applies what is there already has no time", async () => {
  await patch("apply", `${path("agreed")}?fieldManager=one`, applied("agreed", { a: "1" }));
  const { body } = await patch("apply", `${path("agreed")}?fieldManager=two`, applied("agreed", { a: "1" }));
  const times = body.metadata.managedFields.map((one: { manager: string; time?: string }) => [
    one.manager,
    typeof one.time,
  ]);
  expect(times).toEqual([
    ["two", "undefined"],
    ["one", "string"],
  ]);
});
