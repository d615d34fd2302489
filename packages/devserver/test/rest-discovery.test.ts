import { describe, expect, test } from "vitest";
import { serve } from "./serve.ts";

const served = serve("discovery");

async function get(path: string, accept = "application/json") {
  const { status, headers, text } = await served.requests.send("GET", path, undefined, { accept });
  return { status, type: headers.get("content-type"), body: JSON.parse(text) };
}

const pods = {
  name: "pods",
  singularName: "pod",
  namespaced: true,
  kind: "Pod",
  verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
  shortNames: ["po"],
  categories: ["all"],
};

describe("discovery, group by group", () => {
  test("begins with the versions and the groups", async () => {
    expect((await get("/api")).body).toEqual({
      kind: "APIVersions",
      versions: ["v1"],
      serverAddressByClientCIDRs: [
        { clientCIDR: "0.0.0.0/0", serverAddress: new URL(served.server.url).host },
      ],
    });
    const { body } = await get("/apis");
    expect(body).toMatchObject({ kind: "APIGroupList", apiVersion: "v1" });
    expect(body.groups.map(({ name }: { name: string }) => name)).toEqual([
      "authentication.k8s.io",
      "authorization.k8s.io",
      "events.k8s.io",
    ]);
    const version = { groupVersion: "events.k8s.io/v1", version: "v1" };
    const group = { name: "events.k8s.io", versions: [version], preferredVersion: version };
    expect(body.groups).toContainEqual(group);
    expect((await get("/apis/events.k8s.io")).body).toEqual({ kind: "APIGroup", apiVersion: "v1", ...group });
  });

  test("lists the resources of a group, and parts of them", async () => {
    const { body } = await get("/api/v1");
    expect(body).toMatchObject({ kind: "APIResourceList", groupVersion: "v1" });
    expect(body.resources).toContainEqual(pods);
    expect(body.resources).toContainEqual({
      name: "pods/exec",
      singularName: "",
      namespaced: true,
      kind: "PodExecOptions",
      verbs: ["create", "get"],
    });
    const events = await get("/apis/events.k8s.io/v1");
    expect(events.body).toMatchObject({
      kind: "APIResourceList",
      apiVersion: "v1",
      groupVersion: "events.k8s.io/v1",
      resources: [{ name: "events", kind: "Event", shortNames: ["ev"] }],
    });
  });

  test.for(["/apis/apps/v1", "/apis/apps", "/api/v2", "/apis/events.k8s.io/v2"])(
    "%s is not there",
    async (path) => {
      expect((await served.requests.send("GET", path)).status).toBe(404);
    },
  );
});

describe("discovery in one document", () => {
  const accept = (version: string) =>
    `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

  test.for(["v2", "v2beta1"])("comes as %s to those who ask first for that", async (version) => {
    const { type, body } = await get("/api", `${accept(version)},application/json`);
    expect(type).toBe(accept(version));
    expect(body).toMatchObject({
      kind: "APIGroupDiscoveryList",
      apiVersion: `apidiscovery.k8s.io/${version}`,
      items: [{ metadata: {}, versions: [{ version: "v1", freshness: "Current" }] }],
    });
    const found = body.items[0].versions[0].resources.find(
      ({ resource }: { resource: string }) => resource === "pods",
    );
    const { name: _name, singularName, namespaced: _namespaced, kind: _kind, ...others } = pods;
    expect(found).toMatchObject({
      responseKind: { group: "", version: "", kind: "Pod" },
      scope: "Namespaced",
      singularResource: singularName,
      ...others,
    });
    expect(found.subresources).toContainEqual({
      subresource: "exec",
      responseKind: { group: "", version: "", kind: "PodExecOptions" },
      verbs: ["create", "get"],
    });
    const names = (await get("/apis", accept(version))).body.items.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    );
    expect(names).toEqual(["authentication.k8s.io", "authorization.k8s.io", "events.k8s.io"]);
  });

  test("does not come to those who would rather have the other, or a version that is not there", async () => {
    for (const ask of [`application/json,${accept("v2")}`, `${accept("v3")},application/json`]) {
      const { type, body } = await get("/api", ask);
      expect([type, body.kind]).toEqual(["application/json", "APIVersions"]);
    }
  });
});

describe("the schemas", () => {
  test("of v2 has nothing in it, in JSON, and as Go asks for it in protobuf", async () => {
    const info = { title: "Kubernetes", version: "1.36" };
    expect((await get("/openapi/v2")).body).toEqual({ swagger: "2.0", info, paths: {} });
    const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    const { text, headers } = await served.requests.send("GET", "/openapi/v2", undefined, { accept });
    const hex = "0a03322e3012120a0a4b756265726e657465731204312e3336";
    expect([headers.get("content-type"), Buffer.from(text).toString("hex")]).toEqual([
      accept.replace("@", "."),
      hex,
    ]);
  });

  test("are found by an index", async () => {
    const { paths } = (await get("/openapi/v3")).body;
    expect(Object.keys(paths)).toEqual([
      "api/v1",
      "apis/authentication.k8s.io/v1",
      "apis/authorization.k8s.io/v1",
      "apis/events.k8s.io/v1",
    ]);
    for (const { serverRelativeURL } of Object.values<{ serverRelativeURL: string }>(paths)) {
      expect((await get(serverRelativeURL)).body.openapi).toBe("3.0.0");
    }
    expect((await served.requests.send("GET", "/openapi/v3/apis/apps/v1")).status).toBe(404);
  });

  test("say how a Pod is patched, and that the server checks its fields", async () => {
    const { paths, components } = (await get("/openapi/v3/api/v1")).body;
    const { patch } = paths["/api/v1/namespaces/{namespace}/pods/{name}"];
    expect(Object.keys(patch.requestBody.content)).toContain("application/strategic-merge-patch+json");
    expect(patch["x-kubernetes-group-version-kind"]).toEqual({ group: "", version: "v1", kind: "Pod" });
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain("fieldValidation");
    expect(components.schemas["io.k8s.api.core.v1.PodSpec"].properties.containers).toMatchObject({
      type: "array",
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-list-map-keys": ["name"],
    });
  });
});

test("what one may do, and who one is, is answered and not stored", async () => {
  const review = async (group: string, resource: string, spec?: object) => {
    const path = `/apis/${group}.k8s.io/v1/${resource}`;
    const { status, text } = await served.requests.send("POST", path, { spec });
    return [status, JSON.parse(text)];
  };
  expect(await review("authentication", "selfsubjectreviews")).toMatchObject([
    201,
    { kind: "SelfSubjectReview", status: { userInfo: { username: "devserver" } } },
  ]);
  const spec = { resourceAttributes: { verb: "get", resource: "pods" } };
  expect(await review("authorization", "selfsubjectaccessreviews", spec)).toMatchObject([
    201,
    { kind: "SelfSubjectAccessReview", spec, status: { allowed: true } },
  ]);
  const listed = await served.requests.send("GET", "/apis/authentication.k8s.io/v1/selfsubjectreviews");
  expect(listed.status).toBe(405);
});
