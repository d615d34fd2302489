import { once } from "node:events";
import { type ContainerProgram, createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Pod } from "../src/pods/pod.ts";
import { createRequests, podOf, podsPath, type Requests, shell } from "./requests.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const forever = shell("sleep 1000");
const stubborn = { image: "stubborn" };
const idle: ContainerProgram = async ({ signal }) => {
  await once(signal, "abort");
};

let server: DevServer;
let requests: Requests;

beforeAll(async () => {
  server = await createDevServer({ images: { stubborn: () => new Promise(() => undefined) } });
  requests = createRequests(server);
});

afterAll(() => server.close());

const post = (body: unknown, path = podsPath) => requests.send("POST", path, body);
const parsed = async (reply: Promise<{ readonly text: string }>) => JSON.parse((await reply).text);

describe("create", () => {
  test("answers 201 with the Pod, its defaults filled in, still Pending", async () => {
    const { status, headers, text } = await post({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "defaults" },
      spec: { containers: [{ name: "main", image: "busybox", command: ["sleep", "1000"] }] },
    });
    expect(status).toBe(201);
    expect(headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(text)).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "defaults",
        namespace: "default",
        uid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      spec: {
        containers: [{ name: "main", image: "busybox", command: ["sleep", "1000"] }],
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        securityContext: {},
      },
      status: { phase: "Pending", conditions: [] },
    });
    await requests.delete("defaults");
  });

  test("does not store a switch that is off, and stores one that is on", async () => {
    const pod = await requests.create("switches", { ...forever, tty: false, stdin: true, stdinOnce: false });
    expect(pod.spec.containers[0]).toEqual({ name: "main", image: "busybox", ...forever, stdin: true });
    await requests.delete("switches");
  });

  test("keeps labels, annotations and fields that it does not use", async () => {
    const pod = podOf("extras", forever);
    const stored: Pod = await parsed(
      post({
        ...pod,
        metadata: { name: "extras", labels: { app: "web" }, annotations: { note: "x" } },
        spec: { ...pod.spec, serviceAccountName: "builder" },
      }),
    );
    expect(stored.metadata).toMatchObject({ labels: { app: "web" }, annotations: { note: "x" } });
    expect(stored.spec).toMatchObject({ serviceAccountName: "builder" });
    await requests.delete("extras");
  });

  test("makes a name of generateName, cut so that the whole is a label; an empty name counts as none", async () => {
    const created = (metadata: object) =>
      parsed(post({ ...podOf("", forever), metadata })).then(({ metadata: { name } }) => name);
    const short = await created({ name: "", generateName: "job-" });
    const long = await created({ generateName: "x".repeat(80) });
    expect(short).toMatch(/^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(long).toHaveLength(63);
    for (const name of [short, long]) await requests.delete(name);
  });

  test("decides itself what only a server says", async () => {
    const stored: Pod = await parsed(
      post({
        ...podOf("again", forever),
        metadata: {
          name: "again",
          uid: "mine",
          resourceVersion: "99999",
          deletionTimestamp: "2020-01-01T00:00:00Z",
          deletionGracePeriodSeconds: 1,
        },
        status: { phase: "Succeeded" },
      }),
    );
    expect(stored.status.phase).toBe("Pending");
    expect(stored.metadata.uid).not.toBe("mine");
    expect(stored.metadata).not.toHaveProperty("deletionTimestamp");
    expect(stored.metadata).not.toHaveProperty("deletionGracePeriodSeconds");
    await requests.until("again", ({ status }) => status.phase === "Running");
    await requests.delete("again");
  });

  test("refuses a second Pod of a name with 409 AlreadyExists", async () => {
    await requests.create("twice", forever);
    const { status, text } = await post(podOf("twice", forever));
    expect(status).toBe(409);
    expect(text).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \\"twice\\" already exists","reason":"AlreadyExists","details":{"name":"twice","kind":"pods"},"code":409}',
    );
    await requests.delete("twice");
  });

  test("names every mistake of a Pod among the causes of one 422", async () => {
    const reply = await post({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "Bad_Name" },
      spec: {
        restartPolicy: "Sometimes",
        containers: [
          { name: "a", image: "busybox", env: [{ name: "A=B", value: "x" }] },
          { name: "a", image: " " },
          { name: "B", image: "busybox" },
        ],
      },
    });
    expect(reply.status).toBe(422);
    const { reason, message, details } = JSON.parse(reply.text);
    expect(reason).toBe("Invalid");
    expect(message).toMatch(/^Pod "Bad_Name" is invalid: \[metadata\.name: .*, spec\..*\]$/);
    expect(details).toMatchObject({ name: "Bad_Name", kind: "Pod" });
    expect(
      details.causes.map(({ field, reason }: { field: string; reason: string }) => [field, reason]),
    ).toEqual([
      ["metadata.name", "FieldValueInvalid"],
      ["spec.containers[0].env[0].name", "FieldValueInvalid"],
      ["spec.containers[1].image", "FieldValueRequired"],
      ["spec.containers[2].name", "FieldValueInvalid"],
      ["spec.containers[1].name", "FieldValueDuplicate"],
      ["spec.restartPolicy", "FieldValueNotSupported"],
    ]);
  });

  test.for([
    ["a name", { ...podOf("x", forever), metadata: {} }, "metadata.name"],
    ["containers", { ...podOf("x", forever), spec: {} }, "spec.containers"],
    [
      "containers that are not null",
      { ...podOf("x", forever), spec: { containers: null } },
      "spec.containers",
    ],
  ] as const)("requires %s", async ([, body, field]) => {
    const { status, text } = await post(body);
    expect([status, JSON.parse(text).details.causes]).toEqual([
      422,
      [{ reason: "FieldValueRequired", message: expect.any(String), field }],
    ]);
  });

  test.for([
    ["metadata.finalizers", { metadata: { name: "x", finalizers: ["example.com/wait"] } }],
    ["spec.ephemeralContainers", { spec: { ephemeralContainers: [{ name: "e" }] } }],
    ["spec.volumes[0].hostPath", { spec: { volumes: [{ name: "v", hostPath: { path: "/" } }] } }],
    ["spec.activeDeadlineSeconds", { spec: { activeDeadlineSeconds: 5 } }],
    [
      "spec.containers[0].volumeMounts[0].subPathExpr",
      {
        spec: { volumes: [{ name: "v", emptyDir: {} }] },
        container: { volumeMounts: [{ name: "v", mountPath: "/v", subPathExpr: "$(A)" }] },
      },
    ],
    ["spec.containers[0].volumeDevices", { container: { volumeDevices: [{ name: "v" }] } }],
    ["spec.containers[0].lifecycle.stopSignal", { container: { lifecycle: { stopSignal: "SIGUSR1" } } }],
    ["spec.containers[0].restartPolicy", { container: { restartPolicy: "Always" } }],
    [
      "spec.containers[0].env[0].valueFrom.resourceFieldRef",
      { container: { env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } }] } },
    ],
  ] as const)("says that it does not support %s, instead of ignoring it", async ([field, more]) => {
    const pod = podOf("x", forever);
    const containers = pod.spec.containers.map((one) => ({
      ...one,
      ...("container" in more && more.container),
    }));
    const { status, text } = await post({
      ...pod,
      ...("metadata" in more && { metadata: more.metadata }),
      spec: { ...pod.spec, containers, ...("spec" in more && more.spec) },
    });
    const message = "Forbidden: devserver does not support this field";
    expect([status, JSON.parse(text).details.causes]).toEqual([
      422,
      [{ reason: "FieldValueForbidden", message, field }],
    ]);
  });

  test("takes an unsupported field that is empty or null as absent", async () => {
    const pod = podOf("empties", forever);
    const spec = { ...pod.spec, volumes: [], initContainers: null, ephemeralContainers: [] };
    expect((await post({ ...pod, spec })).status).toBe(201);
    await requests.delete("empties");
  });

  test.for([
    ["a malformed body", "{", /^the body is not JSON: /],
    ["an empty body", "", /^the object provided is unrecognized \(must be of type Pod\): /],
    ["a body that is no object", "[]", /^the body is not a Pod/],
    ["another kind", { ...podOf("x", forever), kind: "Job" }, /must be apiVersion "v1", kind "Pod"/],
    ["another version", { ...podOf("x", forever), apiVersion: "v2" }, /must be apiVersion "v1"/],
    [
      "another namespace",
      { ...podOf("x", forever), metadata: { name: "x", namespace: "other" } },
      /^the namespace of the provided object does not match the namespace sent on the request$/,
    ],
    [
      "a name that is a number",
      { ...podOf("x", forever), metadata: { name: 1 } },
      /metadata\.name must be a string$/,
    ],
    [
      "labels that are a list",
      { ...podOf("x", forever), metadata: { labels: [] } },
      /labels must be an object of strings$/,
    ],
    [
      "containers that are an object",
      { ...podOf("x", forever), spec: { containers: {} } },
      /spec\.containers must be a list$/,
    ],
    [
      "a container that is a text",
      { ...podOf("x", forever), spec: { containers: ["a"] } },
      /containers\[0\] must be an object$/,
    ],
    ["a spec that is a text", { ...podOf("x", forever), spec: "a" }, /spec must be an object$/],
    [
      "a command that is a text",
      { ...podOf("x", forever), spec: { containers: [{ name: "a", image: "b", command: "sh" }] } },
      /containers\[0\]\.command must be a list of strings$/,
    ],
    [
      "a switch that is a text",
      { ...podOf("x", forever), spec: { containers: [{ name: "a", image: "b", tty: "true" }] } },
      /containers\[0\]\.tty must be true or false$/,
    ],
    [
      "a grace period that is a text",
      { ...podOf("x", forever), spec: { terminationGracePeriodSeconds: "5", containers: [] } },
      /terminationGracePeriodSeconds must be an integer$/,
    ],
  ] as const)("refuses %s with 400", async ([, body, message]) => {
    const { status, text } = await post(body);
    expect(JSON.parse(text)).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: expect.stringMatching(message),
      reason: "BadRequest",
      code: 400,
    });
    expect(status).toBe(400);
  });

  test("refuses another content type with 415", async () => {
    const text = requests.send("POST", podsPath, "kind: Pod", { "content-type": "text/plain" });
    expect(await parsed(text)).toMatchObject({ reason: "UnsupportedMediaType", code: 415 });
  });

  test("answers a body beyond 3 MiB with 413, also while the client still sends", async () => {
    for (const bytes of [3_145_729, 20_000_000]) {
      const { status, text } = await post(`{"x":"${"x".repeat(bytes - 8)}"}`);
      expect(status).toBe(413);
      expect(JSON.parse(text)).toMatchObject({
        message: "Request entity too large: limit is 3145728",
        reason: "RequestEntityTooLarge",
        code: 413,
      });
    }
    // At the limit it is only that there is nothing in it.
    expect((await post(" ".repeat(3_145_728))).status).toBe(400);
  });
});

describe("what is not there", () => {
  test("a Pod is a 404 with the Status of an API server", async () => {
    const text =
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \\"nope\\" not found","reason":"NotFound","details":{"name":"nope","kind":"pods"},"code":404}';
    for (const method of ["GET", "DELETE"]) {
      const reply = await requests.send(method, `${podsPath}/nope`);
      expect([reply.status, reply.text]).toEqual([404, text]);
    }
    expect((await requests.send("GET", `${podsPath}/a%2Fb`)).status).toBe(404);
  });

  test("a resource is a Status, a group a line of text", async () => {
    const resource = await requests.send("GET", "/api/v1/namespaces/default/replicationcontrollers");
    expect([resource.status, JSON.parse(resource.text)]).toMatchObject([
      404,
      { message: "the server could not find the requested resource", reason: "NotFound", details: {} },
    ]);
    const group = await requests.send("GET", "/apis/apps/v1/deployments");
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
    const { status, text } = await requests.send(method, path, method === "DELETE" ? undefined : {});
    expect([status, JSON.parse(text)]).toMatchObject([405, { reason: "MethodNotAllowed", code: 405 }]);
  });

  test("a path that is not UTF-8 is a 400", async () => {
    const { status, text } = await requests.send("GET", `${podsPath}/%ff`);
    expect([status, JSON.parse(text).message]).toEqual([400, "the path is not percent-encoded UTF-8"]);
  });

  test("a session is not opened by a plain request", async () => {
    await requests.create("plain", forever);
    for (const method of ["GET", "POST"]) {
      const { status, text } = await requests.send(method, `${podsPath}/plain/attach?stdout=true`);
      expect([status, JSON.parse(text).message]).toEqual([400, "Upgrade request required"]);
    }
    await requests.delete("plain");
  });
});

test("/version, /healthz, /livez and /readyz answer", async () => {
  expect(await parsed(requests.send("GET", "/version"))).toMatchObject({ major: "1" });
  for (const path of ["/healthz", "/livez", "/readyz"]) {
    expect((await requests.send("GET", path)).text).toBe("ok");
  }
});

describe("list", () => {
  let own: DevServer;
  let list: (query?: string, path?: string) => Promise<ReturnType<typeof JSON.parse>>;

  beforeAll(async () => {
    own = await createDevServer({ images: { idle: idle } });
    const { send } = createRequests(own);
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

  afterAll(() => own.close());

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

describe("delete", () => {
  test("takes the grace period of the Pod, and answers with the Pod that is ending", async () => {
    await requests.run("graceful", stubborn, { terminationGracePeriodSeconds: 600 });
    const before = Date.now();
    const { status, text } = await requests.delete("graceful", "");
    const { metadata }: Pod = JSON.parse(text);
    expect([status, metadata.deletionGracePeriodSeconds]).toEqual([200, 600]);
    const seconds = (Date.parse(metadata.deletionTimestamp ?? "") - before) / 1_000;
    expect(seconds).toBeGreaterThan(598);
    expect(seconds).toBeLessThan(603);
    expect((await requests.get("graceful")).metadata).toMatchObject(metadata);
    await requests.delete("graceful");
    await expect(requests.get("graceful")).rejects.toThrow("not found");
  });

  test("takes the grace period of the query, and rather that of the body", async () => {
    await requests.run("asked", stubborn);
    const graceOf = async (query: string, body?: unknown) =>
      (await parsed(requests.delete("asked", query, body))).metadata.deletionGracePeriodSeconds;
    expect(await graceOf("gracePeriodSeconds=500")).toBe(500);
    expect(await graceOf("gracePeriodSeconds=300", { gracePeriodSeconds: 400 })).toBe(400);
    // A second request can shorten the time, and not lengthen it, whatever the Pod's own is.
    expect(await graceOf("gracePeriodSeconds=450")).toBe(400);
    expect(await graceOf("")).toBe(400);
    expect(await graceOf("gracePeriodSeconds=-1", { gracePeriodSeconds: -1 })).toBe(1);
    await requests.gone("asked");
  });

  test("of a Pod that has ended needs no grace", async () => {
    await requests.create("ended", shell("exit 0"));
    await requests.until("ended", ({ status }) => status.phase === "Succeeded");
    const { text } = await requests.delete("ended", "");
    expect(JSON.parse(text).metadata.deletionGracePeriodSeconds).toBe(0);
    await expect(requests.get("ended")).rejects.toThrow("not found");
  });

  test("heeds preconditions and refuses with 409 Conflict", async () => {
    const { metadata } = await requests.create("guarded", forever);
    for (const [precondition, name] of [
      [{ uid: "another" }, "UID"],
      [{ resourceVersion: "1" }, "ResourceVersion"],
    ] as const) {
      const { status, text } = await requests.delete("guarded", "", { preconditions: precondition });
      expect([status, JSON.parse(text)]).toMatchObject([
        409,
        {
          reason: "Conflict",
          message: expect.stringMatching(
            `^Operation cannot be fulfilled on Pod "guarded": the ${name} in the precondition`,
          ),
          details: { name: "guarded", kind: "Pod" },
        },
      ]);
    }
    const body = { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } };
    expect((await requests.delete("guarded", "", body)).status).toBe(200);
  });

  test("deletes nothing in a dry run, of the query or of the body", async () => {
    await requests.create("rehearsed", forever);
    for (const [query, body] of [
      ["dryRun=All", undefined],
      ["", { dryRun: ["All"] }],
    ] as const) {
      expect((await requests.delete("rehearsed", query, body)).status).toBe(200);
      expect((await requests.get("rehearsed")).metadata).not.toHaveProperty("deletionTimestamp");
    }
    await requests.delete("rehearsed");
  });

  test("refuses a malformed dry run and a malformed grace period", async () => {
    await requests.create("kept", forever);
    const said = async (query: string, body?: unknown) =>
      (await parsed(requests.delete("kept", query, body))).message;
    expect(await said("dryRun=yes")).toBe(
      'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["yes"]: supported values: "All"',
    );
    expect(await said("gracePeriodSeconds=soon")).toBe('invalid gracePeriodSeconds: "soon"');
    expect(await said("", { gracePeriodSeconds: "5" })).toBe(
      'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: gracePeriodSeconds must be an integer',
    );
    expect(await said("", [])).toBe("the body of a delete must be DeleteOptions");
    expect((await requests.get("kept")).metadata).not.toHaveProperty("deletionTimestamp");
    await requests.delete("kept");
  });

  test("takes a grace period beyond all that is written in time stamps", async () => {
    await requests.run("patient", stubborn);
    await requests.delete("patient", "gracePeriodSeconds=9007199254740991");
    await requests.send("GET", "/version");
    const { status, metadata } = await requests.get("patient");
    expect([status.phase, metadata.deletionGracePeriodSeconds]).toEqual(["Running", 2_147_483_647]);
    await requests.delete("patient");
  });

  test("a Pod that was never launched is gone at once, and its name is free", async () => {
    // Before it is launched, or just after.
    for (let round = 0; round < 10; round++) {
      await requests.create("brief", forever);
      expect((await requests.delete("brief")).status).toBe(200);
    }
    await expect(requests.get("brief")).rejects.toThrow("not found");
  });
});
