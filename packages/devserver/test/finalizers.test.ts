import { describe, expect, test } from "vitest";
import { createJson, podOf, podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("finalizers");
const send = createJson(served);
const configMaps = "/api/v1/namespaces/default/configmaps";
const held = (name: string) => ({ metadata: { name, finalizers: ["example.com/x"] } });
const release = (path: string) =>
  served.requests.send(
    "PATCH",
    path,
    { metadata: { finalizers: null } },
    { "content-type": "application/merge-patch+json" },
  );

/** The changes of what has a name, from now on. */
async function changesOf(path: string, name: string) {
  const { resourceVersion } = (await send("GET", path)).body.metadata;
  const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${resourceVersion}`;
  return served.requests.watch(query, path);
}

describe("an object with finalizers", () => {
  test("is marked when it is deleted, and goes with the last of them", async () => {
    await send("POST", configMaps, held("kept"));
    const changes = await changesOf(configMaps, "kept");
    const { status, body } = await send("DELETE", `${configMaps}/kept`);
    expect([status, body.kind, body.metadata.deletionGracePeriodSeconds]).toEqual([200, "ConfigMap", 0]);
    expect((await send("GET", `${configMaps}/kept`)).body.metadata).toEqual(body.metadata);
    const released = await release(`${configMaps}/kept`);
    expect([released.status, JSON.parse(released.text).metadata.finalizers]).toEqual([200, undefined]);
    expect((await send("GET", `${configMaps}/kept`)).status).toBe(404);
    // Its last state is the one in which it was held.
    const [marked, gone] = [(await changes.next()).value, (await changes.next()).value];
    expect([marked?.type, gone?.type]).toEqual(["MODIFIED", "DELETED"]);
    expect(gone?.object.metadata).toMatchObject(held("kept").metadata);
  });

  test("goes at once when it has none any more", async () => {
    await send("POST", configMaps, held("freed"));
    await release(`${configMaps}/freed`);
    expect((await send("GET", `${configMaps}/freed`)).status).toBe(200);
    await send("DELETE", `${configMaps}/freed`);
    expect((await send("GET", `${configMaps}/freed`)).status).toBe(404);
  });

  test("that is a Pod ends, and then waits", async () => {
    const pod = podOf("held", shell("sleep 1000"), { restartPolicy: "Always" });
    await send("POST", podsPath, { ...pod, ...held("held") });
    await served.requests.until("held", ({ status }) => status.phase === "Running");
    await served.requests.delete("held", "gracePeriodSeconds=1");
    const ended = await served.requests.until(
      "held",
      ({ metadata }) => metadata.deletionGracePeriodSeconds === 0,
    );
    expect(ended.status.phase).toBe("Failed");
    expect(ended.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBeGreaterThan(0);
    await release(`${podsPath}/held`);
    await expect(served.requests.get("held")).rejects.toThrow("not found");
  });

  test("that is a Pod goes when it has ended, if it is let go before", async () => {
    const pod = podOf("let", { image: "podwire/stubborn" }, { terminationGracePeriodSeconds: 600 });
    await send("POST", podsPath, { ...pod, ...held("let") });
    await served.requests.until("let", ({ status }) => status.phase === "Running");
    await served.requests.delete("let", "");
    await release(`${podsPath}/let`);
    expect((await served.requests.get("let")).metadata.deletionGracePeriodSeconds).toBe(600);
    await served.requests.delete("let", "gracePeriodSeconds=1");
    await served.requests.gone("let");
  });

  test("keeps its namespace, which has some of its own", async () => {
    const namespaces = "/api/v1/namespaces";
    await send("POST", namespaces, held("team"));
    await send("POST", `${namespaces}/team/configmaps`, held("inside"));
    const changes = await changesOf(namespaces, "team");
    await send("DELETE", `${namespaces}/team`);
    await release(`${namespaces}/team/configmaps/inside`);
    // It is empty then.
    for await (const { object } of changes) if (!("finalizers" in object.spec)) break;
    await release(`${namespaces}/team`);
    expect((await served.requests.send("GET", `${namespaces}/team`)).status).toBe(404);
  });
});
