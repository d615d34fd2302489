import { Api, type Client, createClient, Pod } from "@podwire/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadKubeconfig } from "../src/index.ts";

let client: Client;

beforeAll(async () => {
  client = createClient(await loadKubeconfig());
});

afterAll(() => client?.close());

describe("a real cluster, through the kubeconfig of the environment", () => {
  it("tells its version", async () => {
    const init = { method: "GET", headers: {}, redirect: "manual" } as const;
    const response = await client.config.fetch?.(`${client.server}/version`, init);
    expect(response?.status).toBe(200);
    expect(JSON.parse((await response?.text()) ?? "")).toMatchObject({ major: "1" });
  });

  it("lists pods as the user of the context", async () => {
    const list = await new Api(Pod, { client, namespace: client.namespace }).list();
    expect(list.kind).toBe("PodList");
  });

  it("authenticates the WebSocket too", async () => {
    const pods = new Api(Pod, { client, namespace: client.namespace });
    // The upgrade itself: whoever is not known hears 401 or 403 before anything is looked up.
    await expect(pods.attach.stream("podwire-no-such-pod", { readPod: false })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
