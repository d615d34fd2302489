import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { Api, createClient, Deployment, Namespace, Pod } from "../src/index.ts";
import { answer, type Behaviour } from "./api-server.ts";
import { setup, stored } from "./one-answer.ts";

describe("requests on the wire", () => {
  test("create posts the object with apiVersion and kind filled in", async () => {
    await using peer = await setup();
    const spec = { containers: [{ name: "main", image: "busybox:1.36" }] };
    const pod = await peer.pods.create({ metadata: { generateName: "example-attach-" }, spec });
    expect(pod.metadata.name).toBe("p");
    expect(peer.last()).toMatchObject({ method: "POST", path: "/api/v1/namespaces/default/pods", query: [] });
    expect(peer.last().headers).toMatchObject({
      accept: "application/json",
      "content-type": "application/json",
    });
    expect(JSON.parse(peer.last().body ?? "")).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { generateName: "example-attach-" },
      spec,
    });
  });

  test("create goes to the namespace of the call, else of the object, else of the Api, else of the client", async () => {
    await using peer = await setup(undefined, { namespace: "clients" });
    const api = new Api(Pod, { client: peer.client, namespace: "apis" });
    const spec = { containers: [] };
    const object = { metadata: { name: "p", namespace: "objects" }, spec };
    await api.create(object, { namespace: "calls" });
    await api.create(object);
    await api.create({ spec });
    await peer.pods.create({ spec });
    expect(peer.server.exchanges.map(({ path }) => path)).toEqual(
      ["calls", "objects", "apis", "clients"].map((namespace) => `/api/v1/namespaces/${namespace}/pods`),
    );
  });

  test("get has neither a query nor a body, and a path that no name can leave", async () => {
    await using peer = await setup();
    await peer.pods.get("p?watch=true#x y", { namespace: "a b" });
    expect(peer.last()).toMatchObject({
      method: "GET",
      path: "/api/v1/namespaces/a%20b/pods/p%3Fwatch%3Dtrue%23x%20y",
      query: [],
      body: "",
    });
    expect(peer.last().headers).not.toHaveProperty("content-type");
    expect(peer.last().headers).not.toHaveProperty("authorization");
  });

  test("list passes its selectors, its limit and where to go on, encoded", async () => {
    await using peer = await setup({
      http: (_, response) =>
        answer(response, 200, {
          apiVersion: "v1",
          kind: "PodList",
          metadata: { continue: "more" },
          items: [stored("p")],
        }),
    });
    const list = await peer.pods.list({
      labelSelector: "app in (a,b)",
      fieldSelector: "status.phase=Running",
      limit: 2,
      continue: "a+b/c=",
    });
    expect([list.items[0]?.metadata.name, list.metadata.continue]).toEqual(["p", "more"]);
    expect(peer.last().query).toEqual([
      ["labelSelector", "app in (a,b)"],
      ["fieldSelector", "status.phase=Running"],
      ["limit", "2"],
      ["continue", "a+b/c="],
    ]);
  });

  test("delete passes its options, a grace period of zero too", async () => {
    await using peer = await setup();
    await peer.pods.delete("p", { gracePeriodSeconds: 0, propagationPolicy: "Foreground" });
    expect(peer.last()).toMatchObject({
      method: "DELETE",
      path: "/api/v1/namespaces/default/pods/p",
      query: [
        ["gracePeriodSeconds", "0"],
        ["propagationPolicy", "Foreground"],
      ],
      body: "",
    });
  });

  test("groups have another root, and resources of the whole cluster no namespace", async () => {
    await using peer = await setup();
    await new Api(Deployment, { client: peer.client }).get("d");
    await new Api(Namespace, { client: peer.client }).get("n");
    expect(peer.server.exchanges.map(({ path }) => path)).toEqual([
      "/apis/apps/v1/namespaces/default/deployments/d",
      "/api/v1/namespaces/n",
    ]);
  });

  test("a server behind a path keeps it", async () => {
    await using peer = await setup();
    const client = createClient({ server: `${peer.server.url}/k8s/clusters/c-1//` });
    await new Api(Pod, { client }).get("p");
    expect(peer.last().path).toBe("/k8s/clusters/c-1/api/v1/namespaces/default/pods/p");
  });

  test("the token is asked for before each request, and one's own headers are sent once, in any case", async () => {
    let count = 0;
    await using peer = await setup(undefined, {
      token: async () => `token-${++count}`,
      headers: { "Impersonate-User": "jane", Accept: "text/html" },
    });
    await peer.pods.get("p");
    await peer.pods.get("p");
    expect(peer.server.exchanges.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer token-1",
      "Bearer token-2",
    ]);
    expect(peer.last().headers).toMatchObject({ "impersonate-user": "jane", accept: "application/json" });
  });

  test("a redirect is not followed, as it would carry the token along", async () => {
    await using peer = await setup(
      { http: (_, response) => response.writeHead(307, { location: "/elsewhere" }).end() },
      { token: "secret" },
    );
    await expect(peer.pods.get("p")).rejects.toMatchObject({ code: "BAD_RESPONSE", httpStatus: 307 });
    expect(peer.server.exchanges).toHaveLength(1);
  });

  test("a redirect of which a page is told nothing is one too", async () => {
    const fetch = async () => ({ status: 0, headers: new Headers(), body: null, text: async () => "" });
    const pods = new Api(Pod, { client: createClient({ server: "https://127.0.0.1", fetch }) });
    await expect(pods.get("p")).rejects.toMatchObject({
      code: "BAD_RESPONSE",
      message: expect.stringMatching(/^GET .* was answered with a redirect, which is not followed$/),
    });
  });
});

describe("limits", () => {
  const silent: Behaviour = { http: () => undefined };

  test("no answer in time is TIMEOUT", async () => {
    await using peer = await setup(silent);
    await expect(peer.pods.get("p", { requestTimeoutMs: 50 })).rejects.toMatchObject({
      code: "TIMEOUT",
      message: "GET /api/v1/namespaces/default/pods/p had no answer within 50 ms",
    });
  });

  test("an answer that begins and never ends is TIMEOUT too", async () => {
    await using peer = await setup({ http: (_, response) => void response.write("{") });
    await expect(peer.pods.get("p", { requestTimeoutMs: 50 })).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  test("aborting rejects with the signal's reason, and leaves no listener on the signal", async () => {
    const controller = new AbortController();
    const reason = new Error("never mind");
    await using peer = await setup({ http: () => controller.abort(reason) });
    await expect(peer.pods.get("p", { signal: controller.signal })).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("a fetch that ignores its signal holds nobody up", async () => {
    const never = new Promise<never>(() => undefined);
    const client = createClient({ server: "http://127.0.0.1:1", fetch: () => never, token: () => never });
    const api = new Api(Pod, { client });
    await expect(api.get("p", { requestTimeoutMs: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    const stalled = createClient({ server: "http://127.0.0.1:1", fetch: async () => stalledResponse });
    await expect(new Api(Pod, { client: stalled }).get("p", { requestTimeoutMs: 20 })).rejects.toMatchObject({
      code: "TIMEOUT",
    });
    await expect(
      new Api(Pod, { client: stalled }).waitFor("p", () => true, { requestTimeoutMs: 20 }),
    ).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  const stalledResponse = {
    status: 200,
    headers: { get: () => null },
    body: {
      getReader: () => ({ read: () => new Promise<never>(() => undefined), cancel: async () => undefined }),
    },
    text: () => new Promise<never>(() => undefined),
  };
});
