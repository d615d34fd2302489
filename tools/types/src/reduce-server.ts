/**
 * Makes devserver's schemas anew from the documents that an API server answers under /openapi/v3/ and from the
 * generated.proto files of k8s.io/api and k8s.io/apimachinery. In tools/types, with api/v1 and apis/events.k8s.io/v1:
 * `pnpm run reduce-server core.json events.json $(find k8s.io -name generated.proto)`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { OpenApiDocument } from "./document.ts";
import { readProto } from "./proto.ts";
import { serverSchemas } from "./server-schemas.ts";

const paths = process.argv.slice(2);
const documents = paths
  .filter((path) => path.endsWith(".json"))
  .map((path): OpenApiDocument => JSON.parse(readFileSync(path, "utf8")));
const messages = readProto(
  paths.filter((path) => path.endsWith(".proto")).map((path) => readFileSync(path, "utf8")),
);
const schemas = Object.entries(serverSchemas(documents, messages));
const lines = schemas.map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`);
const target = new URL("../../../packages/devserver/src/schema/kubernetes.json", import.meta.url);
writeFileSync(target, `{\n${lines.join(",\n")}\n}\n`);
