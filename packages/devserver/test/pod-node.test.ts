import { expect, test } from "vitest";
import { createJson, podOf, podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("node");
const send = createJson(served);
const reasonsOf = async (name: string): Promise<string[]> => {
  const query = `fieldSelector=involvedObject.name%3D${name}`;
  const { body } = await send("GET", `/api/v1/namespaces/default/events?${query}`);
  return body.items.map(({ reason }: { reason: string }) => reason);
};

test("a Pod of no node is given to the one that there is, and one that names it comes without a scheduler", async () => {
  await served.requests.run("free", shell("sleep 1000"));
  await served.requests.run("bound", shell("sleep 1000"), { nodeName: "devserver" });
  expect((await served.requests.get("free")).spec.nodeName).toBe("devserver");
  expect(await reasonsOf("free")).toContain("Scheduled");
  expect(await reasonsOf("bound")).toContain("Started");
  expect(await reasonsOf("bound")).not.toContain("Scheduled");
});

test("a Pod of another node waits, holds its namespace, and goes without grace alone", async () => {
  await send("POST", "/api/v1/namespaces", { metadata: { name: "lost" } });
  const pods = "/api/v1/namespaces/lost/pods";
  await send("POST", pods, podOf("far", {}, { nodeName: "another" }));
  // What comes later has run meanwhile.
  await served.requests.run("near", shell("sleep 1000"));
  expect((await send("GET", `${pods}/far`)).body.status).toEqual({
    phase: "Pending",
    qosClass: "BestEffort",
  });
  await send("DELETE", "/api/v1/namespaces/lost");
  const { body } = await send("GET", `${pods}/far`);
  expect(body.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
  const { metadata } = (await send("GET", "/api/v1/namespaces")).body;
  const { status } = await send("DELETE", `${pods}/far?gracePeriodSeconds=0`);
  expect(status).toBe(200);
  const changes = served.requests.watch(`resourceVersion=${metadata.resourceVersion}`, "/api/v1/namespaces");
  for await (const { type, object } of changes) {
    if (type === "DELETED" && object.metadata.name === "lost") break;
  }
});

test("a node's name is one of a subdomain", async () => {
  const { status, body } = await send("POST", podsPath, podOf("bad", {}, { nodeName: "Bad_name" }));
  expect([status, body.details.causes[0].field]).toEqual([422, "spec.nodeName"]);
});
