import { describe, expect, test } from "vitest";
import type { Pod } from "../src/pods/pod.ts";
import { containerDefaults } from "./container-defaults.ts";
import { podOf, podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";

const forever = shell("sleep 1000");
const served = serve("create");
const post = (body: unknown) => served.requests.send("POST", podsPath, body);
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
        generation: 1,
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        managedFields: [expect.objectContaining({ operation: "Update" })],
      },
      spec: {
        containers: [{ name: "main", image: "busybox", command: ["sleep", "1000"], ...containerDefaults }],
        dnsPolicy: "ClusterFirst",
        enableServiceLinks: true,
        preemptionPolicy: "PreemptLowerPriority",
        priority: 0,
        schedulerName: "default-scheduler",
        tolerations: ["not-ready", "unreachable"].map((key) => ({
          key: `node.kubernetes.io/${key}`,
          operator: "Exists",
          effect: "NoExecute",
          tolerationSeconds: 300,
        })),
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        securityContext: {},
      },
      status: { phase: "Pending", qosClass: "BestEffort" },
    });
    await served.requests.delete("defaults");
  });

  test("does not store a switch that is off, and stores one that is on", async () => {
    const pod = await served.requests.create("switches", {
      ...forever,
      tty: false,
      stdin: true,
      stdinOnce: false,
    });
    expect(pod.spec.containers[0]).toEqual({
      name: "main",
      image: "busybox",
      ...containerDefaults,
      ...forever,
      stdin: true,
    });
    await served.requests.delete("switches");
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
    await served.requests.delete("extras");
  });

  test("makes a name of generateName, cut so that the whole is a label; an empty name counts as none", async () => {
    const created = (metadata: object) =>
      parsed(post({ ...podOf("", forever), metadata })).then(({ metadata: { name } }) => name);
    const short = await created({ name: "", generateName: "job-" });
    const long = await created({ generateName: "x".repeat(80) });
    expect(short).toMatch(/^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(long).toHaveLength(63);
    for (const name of [short, long]) await served.requests.delete(name);
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
    await served.requests.until("again", ({ status }) => status.phase === "Running");
    await served.requests.delete("again");
  });

  test("refuses a second Pod of a name with 409 AlreadyExists", async () => {
    await served.requests.create("twice", forever);
    const { status, text } = await post(podOf("twice", forever));
    expect(status).toBe(409);
    expect(text).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \\"twice\\" already exists","reason":"AlreadyExists","details":{"name":"twice","kind":"pods"},"code":409}',
    );
    await served.requests.delete("twice");
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
    await served.requests.delete("empties");
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
    const text = served.requests.send("POST", podsPath, "kind: Pod", { "content-type": "text/plain" });
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
