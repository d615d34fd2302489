import { once } from "node:events";
import { type ContainerProgram, createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeProtobuf } from "../src/rest/protobuf.ts";
import { podsPath } from "./requests.ts";

// As client-go 0.36 writes them.
const pod =
  "6b3873000a090a0276311203506f6412b6010a110a017012001a0022002a00320038004200128b010a0d0a017612089a01050a030a0163125c0a046d61696e1201691a01611a002a00320a0a001000185022002a00420f0a0d0a0363707512060a043530306d521d0a11120f0a012f1206080010501a001a002200100018002000280030006a007200800101880100900100a201001a002000320042004a0052005800600068008201008a01009a0100c201001a130a001a0022002a0032004a005a0072008801001a002200";
const deleteOptions = "6b3873000a130a027631120d44656c6574654f7074696f6e731207080012030a01751a002200";
const secret =
  "6b3873000a0c0a027631120653656372657412250a180a017312001a0022002a003200380042005a050a0161120012070a016b120200ff1a001a002200";
const bytesOf = (hex: string): Buffer<ArrayBuffer> => Buffer.from(hex, "hex");

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

describe("protobuf", () => {
  test("of a Pod is decoded as Go would write it in JSON", () => {
    expect(decodeProtobuf(bytesOf(pod))).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p" },
      spec: {
        // What JSON inlines is nested here: a volume's source, a probe's handler, a reference.
        volumes: [{ name: "v", configMap: { name: "c" } }],
        containers: [
          {
            name: "main",
            image: "i",
            command: ["a", ""],
            ports: [{ containerPort: 80 }],
            resources: { limits: { cpu: "500m" } },
            livenessProbe: { httpGet: { path: "/", port: 80 } },
            stdin: true,
          },
        ],
        // A pointer: it is there, and is not the default.
        terminationGracePeriodSeconds: 0,
      },
      status: {},
    });
  });

  test("of options and of bytes", () => {
    expect(decodeProtobuf(bytesOf(deleteOptions))).toEqual({
      apiVersion: "v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      preconditions: { uid: "u" },
    });
    expect(decodeProtobuf(bytesOf(secret))).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", labels: { a: "" } },
      data: { k: "AP8=" },
    });
  });

  test("skips fields that it does not know, as later versions have them", () => {
    // In the ConfigMap: field 2 is data, field 99 is unknown, of each wire type.
    const unknown = "98060199060000000000000000" + "9a0602ffff" + "9d0600000000";
    const object = `0a030a016312060a01611201621a00${unknown}`;
    const raw = `${(object.length / 2).toString(16).padStart(2, "0")}${object}`;
    const body = `6b3873000a0f0a02763112 09436f6e6669674d61 7012${raw}`.replaceAll(" ", "");
    expect(decodeProtobuf(bytesOf(body))).toMatchObject({ kind: "ConfigMap", metadata: { name: "c" } });
  });

  test("of very many items takes no longer than their number", () => {
    const count = 600_000;
    // ObjectMeta.finalizers, one letter each, in a ConfigMap's metadata.
    const items = Buffer.alloc(count * 3, bytesOf("720178"));
    const metadata = Buffer.concat([bytesOf("0a"), varint(items.length), items]);
    const envelope = bytesOf("6b3873000a0f0a02763112 09436f6e6669674d6170".replace(" ", ""));
    const decoded = decodeProtobuf(
      Buffer.concat([envelope, bytesOf("12"), varint(metadata.length), metadata]),
    );
    expect(decoded).toMatchObject({ metadata: { finalizers: { length: count } } });
  });

  test("of a map keeps a key that objects have by themselves", () => {
    // data["__proto__"] = "x"
    const entry = "120e0a095f5f70726f746f5f5f120178";
    const body = `6b3873000a0f0a0276311209436f6e6669674d6170 1210${entry}`.replace(" ", "");
    const { data } = decodeProtobuf(bytesOf(body));
    expect(JSON.stringify(data)).toBe('{"__proto__":"x"}');
  });

  test("of a kind that is not here is told by its kind alone", () => {
    expect(decodeProtobuf(bytesOf("6b3873000a090a0276311203466f6f1203010203"))).toEqual({
      apiVersion: "v1",
      kind: "Foo",
    });
  });

  test.for([
    ["without its first bytes", pod.slice(8), /must begin with the bytes 6b 38 73 00"/],
    ["nothing but them", "6b387300", undefined],
    ["cut short in a text", pod.slice(0, 60), /"the body is not protobuf: it ends in the middle of a field"/],
    ["cut short in a number", "6b3873000a", /"the body is not protobuf: /],
    ["with a number that never ends", `6b387300${"ff".repeat(20)}`, /"the body is not protobuf: /],
  ] as const)("%s", ([, hex, message]) => {
    if (message) expect(() => decodeProtobuf(bytesOf(hex))).toThrow(message);
    else expect(decodeProtobuf(bytesOf(hex))).toEqual({ apiVersion: "", kind: "" });
  });
});

describe("a request", () => {
  let server: DevServer;

  beforeAll(async () => {
    const idle: ContainerProgram = async ({ signal }) => {
      await once(signal, "abort");
    };
    server = await createDevServer({ images: { idle } });
  });

  afterAll(() => server.close());

  const post = async (type: string, body: BodyInit, path: string, method = "POST") => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${server.config.token}`, "content-type": type },
      body,
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const protobuf = "application/vnd.kubernetes.protobuf";
  const secrets = "/api/v1/namespaces/default/secrets";

  test("may be in protobuf, to create and to delete", async () => {
    const created = await post(protobuf, bytesOf(secret), secrets);
    expect([created.status, created.body.data]).toEqual([201, { k: "AP8=" }]);
    // The uid of its options is another one.
    const refused = await post(protobuf, bytesOf(deleteOptions), `${secrets}/s`, "DELETE");
    expect([refused.status, refused.body.message]).toEqual([
      409,
      expect.stringMatching(/the UID in the precondition \(u\) does not match/),
    ]);
    const wrong = await post(protobuf, bytesOf(secret), podsPath);
    expect([wrong.status, wrong.body.message]).toEqual([
      400,
      'the body must be apiVersion "v1", kind "Pod", not ["v1","Secret"]',
    ]);
  });

  test("may be in YAML", async () => {
    const yaml = `
metadata:
  name: yaml
spec:
  restartPolicy: Never
  containers:
    - name: main
      image: idle
      command: [a, "1"]
`;
    const { status, body } = await post("application/yaml", yaml, podsPath);
    expect([status, body.spec.containers[0].command]).toEqual([201, ["a", "1"]]);
    const broken = await post("application/yaml", "a: [", podsPath);
    expect([broken.status, broken.body.message]).toEqual([
      400,
      expect.stringMatching(/^the body is not YAML: /),
    ]);
  });

  test("may say its type in capitals and with parameters", async () => {
    const body = JSON.stringify({ metadata: { name: "typed" } });
    const type = "Application/JSON; charset=utf-8";
    expect((await post(type, body, "/api/v1/namespaces/default/configmaps")).status).toBe(201);
  });

  test.for(["text/plain", "application/cbor", "application/xml"])("in %s is a 415", async (type) => {
    const { status, body } = await post(type, "x", podsPath);
    expect([status, body]).toEqual([
      415,
      {
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message:
          "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
        reason: "UnsupportedMediaType",
        code: 415,
      },
    ]);
  });
});
