/**
 * Makes openapi/kubernetes.json anew from the documents that an API server answers under /openapi/v3/. In tools/types:
 * `kubectl get --raw /openapi/v3/api/v1 > core.json`, likewise apis/apps/v1 and apis/batch/v1, then
 * `pnpm run reduce core.json apps.json batch.json`, and at the root `pnpm format` and `pnpm types`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { type OpenApiDocument, reduceDocument } from "./document.ts";
import { kinds } from "./kinds.ts";

const documents = process.argv
  .slice(2)
  .map((path): OpenApiDocument => JSON.parse(readFileSync(path, "utf8")));
const reduced = reduceDocument(documents, kinds);
const target = new URL("../openapi/kubernetes.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(reduced, undefined, 2)}\n`);
