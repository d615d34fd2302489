import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { OpenApiDocument, Schema } from "../src/document.ts";
import { readProto } from "../src/proto.ts";
import { serverSchemas } from "../src/server-schemas.ts";

const committed: Record<string, { properties?: Record<string, Schema> }> = JSON.parse(
  readFileSync(new URL("../../../packages/devserver/src/schema/kubernetes.json", import.meta.url), "utf8"),
);

const proto = `
package k8s.io.api.core.v1;

message Volume {
  // optional string comment = 9;
  optional string name = 1;

  optional VolumeSource volumeSource = 2;
}

message VolumeSource {
  optional .k8s.io.apimachinery.pkg.api.resource.Quantity size = 7;

  repeated string items = 4;

  map<string, bytes> data = 5;
}
`;

describe("reading .proto files", () => {
  it("finds the fields of each message, their types under the names of OpenAPI", () => {
    expect([...readProto([proto])]).toEqual([
      [
        "io.k8s.api.core.v1.Volume",
        [
          { name: "name", type: "string", number: 1 },
          { name: "volumeSource", type: "io.k8s.api.core.v1.VolumeSource", number: 2 },
        ],
      ],
      [
        "io.k8s.api.core.v1.VolumeSource",
        [
          { name: "size", type: "io.k8s.apimachinery.pkg.api.resource.Quantity", number: 7 },
          { name: "items", type: "string", number: 4 },
          { name: "data", type: "bytes", number: 5 },
        ],
      ],
    ]);
  });
});

describe("the schemas of a server", () => {
  /** Every kind that a server has, with the same properties. */
  const document = (properties: Record<string, Schema>): OpenApiDocument => ({
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "1.36" },
    components: {
      schemas: Object.fromEntries(
        Object.keys(committed).map((name) => [name, { type: "object", properties }]),
      ),
    },
  });

  it("say where protobuf has a field, also one that JSON inlines", () => {
    const names = Object.keys(committed).map((name) => name.replace(/^.*\./, ""));
    expect(names).toContain("Volume");
    expect(committed["io.k8s.api.core.v1.Volume"]?.properties?.["name"]).toEqual({
      type: "string",
      "x-protobuf": [1],
    });
    expect(committed["io.k8s.api.core.v1.Volume"]?.properties?.["configMap"]).toMatchObject({
      "x-protobuf": [2, 19],
    });
  });

  it("leave nothing out: a property without a number is a mistake", () => {
    expect(() => serverSchemas([document({ mystery: { type: "string" } })], readProto([proto]))).toThrow(
      /^protobuf has no io\.k8s\.\S+\.mystery$/,
    );
    for (const [name, { properties = {} }] of Object.entries(committed)) {
      for (const [property, schema] of Object.entries(properties)) {
        if (property === "kind" || property === "apiVersion") continue;
        expect([name, property, schema["x-protobuf"]]).toEqual([name, property, expect.any(Array)]);
      }
    }
  });

  it("have no descriptions, and stay small", () => {
    const text = JSON.stringify(committed);
    expect(text).not.toContain('"description":"');
    expect(text.length).toBeLessThan(100_000);
  });
});
