import { once } from "node:events";
import type { ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { createJson, podOf, podsPath } from "./requests.ts";
import { serve } from "./serve.ts";

const idle: ContainerProgram = async ({ signal }) => {
  await once(signal, "abort");
};
const inDefault = (name: string): string => `/api/v1/namespaces/default/${name}`;
const configMaps = inDefault("configmaps");
const served = serve("objects", { images: { idle } });
const send = createJson(served);

describe("an object of any kind", () => {
  test.for([
    ["configmaps", "ConfigMap", { data: { a: "b" } }, { data: { a: "b" } }],
    ["secrets", "Secret", { stringData: { a: "b" } }, { data: { a: "Yg==" }, type: "Opaque" }],
    ["serviceaccounts", "ServiceAccount", {}, {}],
    [
      "services",
      "Service",
      { spec: { ports: [{ port: 80 }] } },
      {
        spec: {
          ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
          clusterIP: expect.stringMatching(/^10\.96\.\d+\.\d+$/),
          type: "ClusterIP",
          sessionAffinity: "None",
          ipFamilies: ["IPv4"],
        },
        status: { loadBalancer: {} },
      },
    ],
    ["events", "Event", { reason: "Tested", involvedObject: {} }, { reason: "Tested" }],
  ] as const)(
    "of %s is created, read, listed, replaced and deleted",
    async ([resource, kind, sent, stored]) => {
      const path = inDefault(resource);
      // Kind and version may be left out: the path says them.
      const created = await send("POST", path, { metadata: { name: "one", labels: { a: "1" } }, ...sent });
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({ kind, apiVersion: "v1", ...stored });
      expect(created.body.metadata).toEqual({
        name: "one",
        namespace: "default",
        labels: { a: "1" },
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.any(String),
        managedFields: [expect.objectContaining({ operation: "Update" })],
      });
      expect((await send("GET", `${path}/one`)).body).toEqual(created.body);
      const list = await send("GET", `${path}?labelSelector=a%3D1&fieldSelector=metadata.name%3Done`);
      expect([list.body.kind, list.body.items]).toEqual([`${kind}List`, [created.body]]);
      const metadata = { ...created.body.metadata, labels: { a: "2" } };
      const replaced = await send("PUT", `${path}/one`, { ...created.body, metadata });
      expect([replaced.status, replaced.body.metadata.labels]).toEqual([200, { a: "2" }]);
      expect(Number(replaced.body.metadata.resourceVersion)).toBeGreaterThan(
        Number(created.body.metadata.resourceVersion),
      );
      expect((await send("DELETE", `${path}/one`)).status).toBe(200);
      expect((await send("GET", `${path}/one`)).body).toMatchObject({
        message: `${resource} "one" not found`,
        reason: "NotFound",
        details: { name: "one", kind: resource },
      });
    },
  );

  test("a Service for the node has a port of it, which it keeps, unless it asks for another", async () => {
    const path = inDefault("services");
    const spec = {
      type: "NodePort",
      ports: [
        { port: 80, name: "a" },
        { port: 81, name: "b", nodePort: 32000 },
      ],
    };
    const { body } = await send("POST", path, { metadata: { name: "outside" }, spec });
    const portsOf = ({ spec: { ports } }: { spec: { ports: { nodePort?: number }[] } }) =>
      ports.map((one) => one.nodePort);
    const [first = 0] = portsOf(body);
    expect([first >= 30_000 && first <= 32_767, portsOf(body)]).toEqual([true, [first, 32_000]]);
    const sent = { ...spec, ports: spec.ports.map(({ port, name }) => ({ port, name })) };
    expect(
      portsOf((await send("PUT", `${path}/outside`, { ...body, spec: { ...body.spec, ...sent } })).body),
    ).toEqual([first, 32_000]);
    const inside = { ...body, spec: { ...body.spec, type: "ClusterIP" }, metadata: { name: "outside" } };
    expect(portsOf((await send("PUT", `${path}/outside`, inside)).body)).toEqual([undefined, undefined]);
  });

  test("a deletion is answered with a Status, or with the object of some kinds", async () => {
    const { body } = await send("POST", configMaps, { metadata: { name: "gone" } });
    const { uid } = body.metadata;
    expect((await send("DELETE", `${configMaps}/gone`)).body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "gone", kind: "configmaps", uid },
    });
    await send("POST", inDefault("serviceaccounts"), { metadata: { name: "gone" } });
    expect((await send("DELETE", inDefault("serviceaccounts/gone"))).body.kind).toBe("ServiceAccount");
  });

  test("of another version than the stored one does not replace it, and without a version it does", async () => {
    const { body } = await send("POST", configMaps, { metadata: { name: "versioned" }, data: { a: "1" } });
    const { status, body: newer } = await send("PUT", `${configMaps}/versioned`, {
      ...body,
      data: { a: "2" },
    });
    expect(status).toBe(200);
    const stale = await send("PUT", `${configMaps}/versioned`, { ...body, data: { a: "3" } });
    expect([stale.status, stale.body.reason, stale.body.message]).toEqual([
      409,
      "Conflict",
      'Operation cannot be fulfilled on configmaps "versioned": the object has been modified; please apply your changes to the latest version and try again',
    ]);
    const blind = await send("PUT", `${configMaps}/versioned`, { metadata: { name: "versioned" } });
    expect([blind.status, blind.body.data]).toEqual([200, undefined]);
    expect(blind.body.metadata).toMatchObject({
      uid: newer.metadata.uid,
      creationTimestamp: newer.metadata.creationTimestamp,
    });
  });

  test("that is replaced by the same keeps its version", async () => {
    const { body } = await send("POST", configMaps, { metadata: { name: "same" }, data: { a: "1" } });
    const again = await send("PUT", `${configMaps}/same`, body);
    expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  test("takes a number more for every change, whatever the kind", async () => {
    const versions: number[] = [];
    for (const resource of ["configmaps", "secrets", "serviceaccounts"]) {
      const { body } = await send("POST", inDefault(resource), { metadata: { name: "counted" } });
      versions.push(Number(body.metadata.resourceVersion));
    }
    const [first = 0] = versions;
    expect(versions).toEqual([first, first + 1, first + 2]);
  });

  test.for([
    [
      "in a namespace that is not there",
      "/api/v1/namespaces/none/configmaps",
      {},
      404,
      'namespaces "none" not found',
    ],
    [
      "with a bad name",
      configMaps,
      { metadata: { name: "Bad_N" } },
      422,
      /^ConfigMap "Bad_N" is invalid: metadata\.name: Invalid value: "Bad_N": a lowercase RFC 1123 subdomain must/,
    ],
    [
      "with a bad key",
      configMaps,
      { data: { "a b": "x" } },
      422,
      /data\[a b\]: Invalid value: "a b": a valid config key must/,
    ],
    ["with a number for a text", configMaps, { data: { a: 1 } }, 400, /: data must be an object of strings$/],
    ["of another kind", configMaps, { kind: "Secret" }, 400, /must be apiVersion "v1", kind "ConfigMap"/],
    [
      "without ports",
      inDefault("services"),
      {},
      422,
      /^Service "x" is invalid: spec\.ports: Required value$/,
    ],
    [
      "with ports that have no name",
      inDefault("services"),
      { spec: { ports: [{ port: 80 }, { port: 81, name: "b" }] } },
      422,
      /^Service "x" is invalid: spec\.ports\[0\]\.name: Required value$/,
    ],
    [
      "with a port out of range",
      inDefault("services"),
      { spec: { ports: [{ port: 70000 }] } },
      422,
      /: \[spec\.ports\[0\]\.port: Invalid value: 70000: must be .+, spec\.ports\[0\]\.targetPort: Invalid value: 70000: must be/,
    ],
    [
      "with a name that is no label",
      inDefault("services"),
      { metadata: { name: "a.b" } },
      422,
      /metadata\.name: Invalid value: "a\.b": a lowercase RFC 1123 label must/,
    ],
    [
      "with a label and an annotation that are none",
      configMaps,
      {
        metadata: {
          name: "x",
          labels: { "a b": "c d", "x/y/z": "" },
          annotations: { "-a": "", "B.c/D": "" },
        },
      },
      422,
      /^ConfigMap "x" is invalid: \[metadata\.labels: Invalid value: "a b": name part must .+, metadata\.labels: Invalid value: "c d": a valid label must .+, metadata\.labels: Invalid value: "x\/y\/z": a valid label key must .+, metadata\.annotations: Invalid value: "-a": name part must (?!.*metadata)/,
    ],
  ] as const)("%s is refused", async ([, path, object, status, message]) => {
    const answer = await send("POST", path, { metadata: { name: "x" }, ...object });
    const expected = typeof message === "string" ? message : expect.stringMatching(message);
    expect([answer.status, answer.body.message]).toEqual([status, expected]);
  });

  test("that is immutable keeps its data", async () => {
    const { body } = await send("POST", configMaps, {
      metadata: { name: "fast" },
      immutable: true,
      data: { a: "1" },
    });
    const { status, body: refused } = await send("PUT", `${configMaps}/fast`, { ...body, data: { a: "2" } });
    expect([status, refused.details.causes[0].field]).toEqual([422, "data"]);
  });
});

describe("a field that a kind does not have", () => {
  const object = { metadata: { name: "odd", colour: "red" }, dada: { a: "b" } };

  test("is left out, with a warning", async () => {
    const { status, headers, body } = await send("POST", configMaps, object);
    expect(status).toBe(201);
    expect(body).not.toHaveProperty("dada");
    expect(body.metadata).not.toHaveProperty("colour");
    expect(headers.get("warning")).toBe(
      '299 - "unknown field \\"metadata.colour\\"", 299 - "unknown field \\"dada\\""',
    );
  });

  test("is warned of in ASCII, and as far as a header goes", async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`ünknown-${index}`, 1]));
    const { status, headers } = await send("POST", configMaps, { metadata: { name: "many" }, ...many });
    expect(status).toBe(201);
    expect(headers.get("warning")).toMatch(/^299 - "unknown field \\"\?nknown-0\\"", 299 - /);
    expect(headers.get("warning")?.length).toBeLessThan(5_000);
  });

  test("is a 400 where the client is strict, and nothing where it does not care", async () => {
    const strict = await send("POST", `${configMaps}?fieldValidation=Strict`, object);
    expect([strict.status, strict.body.message]).toEqual([
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.colour", unknown field "dada"',
    ]);
    const { metadata } = object;
    const ignored = await send("POST", `${configMaps}?fieldValidation=Ignore`, {
      ...object,
      metadata: { ...metadata, name: "odd-2" },
    });
    expect([ignored.status, ignored.headers.get("warning")]).toEqual([201, null]);
  });

  test("is found deep inside a Pod", async () => {
    const pod = podOf("odd", { image: "idle" });
    const containers = [{ name: "main", image: "idle", ports: [{ containerPort: 80, prot: "TCP" }] }];
    const { body } = await send("POST", `${podsPath}?fieldValidation=Strict`, {
      ...pod,
      spec: { containers },
    });
    expect(body.message).toMatch(
      /strict decoding error: unknown field "spec\.containers\[0\]\.ports\[0\]\.prot"$/,
    );
  });
});
