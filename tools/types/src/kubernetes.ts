import { readFileSync } from "node:fs";
import type { OpenApiDocument } from "./document.ts";
import { printTypes } from "./print.ts";

const source = new URL("../openapi/kubernetes.json", import.meta.url);

/** Where the generated types belong. */
export const target = new URL("../../../packages/client/src/resources/kubernetes.ts", import.meta.url);

/** The client's Kubernetes types, from the document in this repository. */
export function kubernetesTypes(): Promise<string> {
  const document: OpenApiDocument = JSON.parse(readFileSync(source, "utf8"));
  return printTypes(document);
}
