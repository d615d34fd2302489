import { allSchemas, apiVersionOf } from "../schema/schema.ts";
import { groups, kindsOf, type ResourceKind } from "./kinds.ts";
import { openApiVersionOf } from "./version.ts";

/** `/openapi/v3`: where the documents are. */
export function openApiIndex(): object {
  const paths = [{ group: "", version: "v1" }, ...groups].map((one) => {
    const path = pathOf(one);
    return [path.slice(1), { serverRelativeURL: `/openapi/v3${path}` }];
  });
  return { paths: Object.fromEntries(paths) };
}

/**
 * `/openapi/v3/api/v1` and the like; undefined for a group that is not here. It holds what kubectl reads: whether the
 * server checks fields itself, which patches it takes, and the schemas, which tell how lists are merged.
 */
export function openApiDocument(path: string, minor: number): object | undefined {
  const one = [{ group: "", version: "v1" }, ...groups].find((other) => pathOf(other) === path);
  if (!one) return undefined;
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: openApiVersionOf(minor) },
    paths: Object.fromEntries(kindsOf(apiVersionOf(one)).flatMap((kind) => pathsOf(kind, path))),
    components: { schemas: allSchemas },
  };
}

function pathOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

const patchTypes = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];
const bodyTypes = ["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"];

function pathsOf(kind: ResourceKind, root: string): [string, object][] {
  const { group, version } = kind;
  const collection = `${root}${kind.namespaced ? "/namespaces/{namespace}" : ""}/${kind.name}`;
  const operation = (action: string, types: readonly string[]): object => ({
    parameters: ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
      name,
      in: "query",
      schema: { type: "string", uniqueItems: true },
    })),
    requestBody: { content: Object.fromEntries(types.map((type) => [type, {}])), required: true },
    responses: { "200": { description: "OK" } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group, version, kind: kind.kind },
  });
  const can = (verb: string): boolean => kind.verbs.includes(verb);
  return [
    [collection, { ...(can("create") && { post: operation("post", bodyTypes) }) }],
    [
      `${collection}/{name}`,
      {
        ...(can("update") && { put: operation("put", bodyTypes) }),
        ...(can("patch") && { patch: operation("patch", patchTypes) }),
      },
    ],
  ];
}
