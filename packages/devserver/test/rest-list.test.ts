import { once } from "node:events";
import type { ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import type { Pod } from "../src/pods/pod.ts";
import { podOf, podsPath } from "./requests.ts";
import { serve } from "./serve.ts";

const idle: ContainerProgram = async ({ signal }) => {
  await once(signal, "abort");
};

describe("list", () => {
  let list: (query?: string, path?: string) => Promise<ReturnType<typeof JSON.parse>>;

  serve("list", { images: { idle } }, async ({ requests: { send } }) => {
    const labels = { app: "web", tier: "front" };
    await send("POST", "/api/v1/namespaces", { metadata: { name: "default-2" } });
    for (const [namespace, name, metadata] of [
      ["default", "b", { labels }],
      ["default", "a", { labels: { app: "api" } }],
      ["default", "a-1", {}],
      ["default-2", "a", { labels: { app: "web" } }],
    ] as const) {
      const pod = podOf(name, { image: "idle" });
      await send("POST", `/api/v1/namespaces/${namespace}/pods`, { ...pod, metadata: { name, ...metadata } });
    }
    list = async (query = "", path = podsPath) => JSON.parse((await send("GET", `${path}?${query}`)).text);
  });

  const namesOf = ({ items }: { items: Pod[] }): string[] =>
    items.map(({ metadata: { namespace, name } }) =>
      namespace === "default" ? name : `${namespace}/${name}`,
    );

  test("is a PodList in the order of the names, of one namespace or of all", async () => {
    const pods = await list();
    expect(pods).toMatchObject({ kind: "PodList", apiVersion: "v1" });
    expect(pods.metadata).toEqual({ resourceVersion: expect.stringMatching(/^\d+$/) });
    expect(namesOf(pods)).toEqual(["a", "a-1", "b"]);
    expect(namesOf(await list("", "/api/v1/pods"))).toEqual(["default-2/a", "a", "a-1", "b"]);
    expect(namesOf(await list("", "/api/v1/namespaces/none/pods"))).toEqual([]);
  });

  test.for([
    ["app=web", ["b"]],
    ["app==web", ["b"]],
    ["app = web , tier = front", ["b"]],
    ["app!=web", ["a", "a-1"]],
    ["app in (web, api)", ["a", "b"]],
    ["app notin (web,api)", ["a-1"]],
    ["app", ["a", "b"]],
    ["!app", ["a-1"]],
    ["! app", ["a-1"]],
    ["app in (web,api),tier", ["b"]],
    ["app=", []],
    ["toString", []],
    ["", ["a", "a-1", "b"]],
  ] as const)("labelSelector %j selects %j", async ([selector, names]) => {
    expect(namesOf(await list(`labelSelector=${encodeURIComponent(selector)}`))).toEqual(names);
  });

  test.for([
    ["metadata.name=a", ["a"]],
    ["metadata.name==a", ["a"]],
    ["metadata.name!=a", ["a-1", "b"]],
    ["metadata.namespace=default-2", []],
    ["spec.restartPolicy=Never,metadata.name=b", ["b"]],
    ["spec.nodeName=", []],
    ["status.phase=Failed", []],
  ] as const)("fieldSelector %j selects %j", async ([selector, names]) => {
    expect(namesOf(await list(`fieldSelector=${encodeURIComponent(selector)}`))).toEqual(names);
  });

  test.for([
    "labelSelector=a%20b",
    "labelSelector=app%20in%20web",
    "labelSelector=,",
    "fieldSelector=metadata.name",
    "fieldSelector=spec.color%3Dred",
    "fieldSelector=constructor%3Dx",
    "limit=x",
    "limit=-1",
    "continue=bm90aGluZw",
  ])("%s is refused with 400", async (query) => {
    expect(await list(query)).toMatchObject({ kind: "Status", reason: "BadRequest", code: 400 });
  });

  test("comes in pages that go on where the last one ended", async () => {
    const names: string[] = [];
    let query = "limit=2";
    const remaining: unknown[] = [];
    for (;;) {
      const page = await list(query, "/api/v1/pods");
      names.push(...namesOf(page));
      remaining.push(page.metadata.remainingItemCount);
      if (page.metadata.continue === undefined) break;
      query = `limit=2&continue=${page.metadata.continue}`;
    }
    expect(names).toEqual(["default-2/a", "a", "a-1", "b"]);
    expect(remaining).toEqual([2, undefined]);
    expect(namesOf(await list("limit=0"))).toHaveLength(3);
  });
});
