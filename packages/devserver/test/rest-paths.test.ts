import { describe, expect, test } from "vitest";
import { podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";

const forever = shell("sleep 1000");
const served = serve("paths");
const parsed = async (reply: Promise<{ readonly text: string }>) => JSON.parse((await reply).text);

describe("what is not there", () => {
  test("a Pod is a 404 with the Status of an API server", async () => {
    const text =
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \\"nope\\" not found","reason":"NotFound","details":{"name":"nope","kind":"pods"},"code":404}';
    for (const method of ["GET", "DELETE"]) {
      const reply = await served.requests.send(method, `${podsPath}/nope`);
      expect([reply.status, reply.text]).toEqual([404, text]);
    }
    expect((await served.requests.send("GET", `${podsPath}/a%2Fb`)).status).toBe(404);
  });

  test("a resource is a Status, a group a line of text", async () => {
    const resource = await served.requests.send("GET", "/api/v1/namespaces/default/replicationcontrollers");
    expect([resource.status, JSON.parse(resource.text)]).toMatchObject([
      404,
      { message: "the server could not find the requested resource", reason: "NotFound", details: {} },
    ]);
    const group = await served.requests.send("GET", "/apis/apps/v1/deployments");
    expect([group.status, group.text, group.headers.get("content-type")]).toEqual([
      404,
      "404 page not found\n",
      "text/plain; charset=utf-8",
    ]);
  });

  test.for([
    ["POST", `${podsPath}/x`],
    ["PUT", podsPath],
    ["PATCH", podsPath],
    ["DELETE", "/api/v1/namespaces"],
    ["POST", "/api/v1/nodes"],
    ["POST", "/api/v1/pods"],
    ["POST", "/version"],
    ["PUT", `${podsPath}/x/exec`],
  ] as const)("%s %s is a 405", async ([method, path]) => {
    const { status, text } = await served.requests.send(method, path, method === "DELETE" ? undefined : {});
    expect([status, JSON.parse(text)]).toMatchObject([405, { reason: "MethodNotAllowed", code: 405 }]);
  });

  test("a path that is not UTF-8 is a 400", async () => {
    const { status, text } = await served.requests.send("GET", `${podsPath}/%ff`);
    expect([status, JSON.parse(text).message]).toEqual([400, "the path is not percent-encoded UTF-8"]);
  });

  test("a session is not opened by a plain request", async () => {
    await served.requests.create("plain", forever);
    for (const method of ["GET", "POST"]) {
      const { status, text } = await served.requests.send(method, `${podsPath}/plain/attach?stdout=true`);
      expect([status, JSON.parse(text).message]).toEqual([400, "Upgrade request required"]);
    }
    await served.requests.delete("plain");
  });
});

test("/version, /healthz, /livez and /readyz answer", async () => {
  expect(await parsed(served.requests.send("GET", "/version"))).toMatchObject({ major: "1" });
  for (const path of ["/healthz", "/livez", "/readyz"]) {
    expect((await served.requests.send("GET", path)).text).toBe("ok");
  }
});
