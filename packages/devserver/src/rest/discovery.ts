import { apiVersionOf } from "../schema/schema.ts";
import { groups, kindsOf, type ResourceKind } from "./kinds.ts";

/** `/api`: the versions of the core group. */
export function apiVersions(host: string): object {
  const addresses = [{ clientCIDR: "0.0.0.0/0", serverAddress: host }];
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: addresses };
}

/** `/apis`: the other groups. */
export function apiGroupList(): object {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groups.map(({ group }) => apiGroupFields(group)),
  };
}

/** `/apis/GROUP`; undefined for one that is not here. */
export function apiGroup(name: string): object | undefined {
  if (!groups.some(({ group }) => group === name)) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...apiGroupFields(name) };
}

function apiGroupFields(group: string): object {
  const version = { groupVersion: `${group}/v1`, version: "v1" };
  return { name: group, versions: [version], preferredVersion: version };
}

/** `/api/v1` and `/apis/GROUP/v1`: the resources; undefined for a group that is not here. */
export function apiResourceList(groupVersion: string): object | undefined {
  const kinds = kindsOf(groupVersion);
  if (kinds.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    ...(groupVersion !== "v1" && { apiVersion: "v1" }),
    groupVersion,
    resources: kinds.flatMap((kind) => [
      {
        name: kind.name,
        singularName: kind.singular,
        namespaced: kind.namespaced,
        kind: kind.kind,
        verbs: kind.verbs,
        ...listsOf(kind),
      },
      ...kind.subresources.map((part) => ({
        name: `${kind.name}/${part.name}`,
        singularName: "",
        namespaced: kind.namespaced,
        kind: part.kind,
        verbs: part.verbs,
      })),
    ]),
  };
}

/** `/api` or `/apis` as one document with all resources of all groups; v2 and v2beta1 look the same. */
export function groupDiscoveryList(path: "/api" | "/apis", version: string): object {
  const items = (path === "/api" ? [{ group: "", version: "v1" }] : groups).map((one) => ({
    metadata: one.group === "" ? {} : { name: one.group },
    versions: [
      { version: one.version, resources: kindsOf(apiVersionOf(one)).map(discoveryOf), freshness: "Current" },
    ],
  }));
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items,
  };
}

function discoveryOf(kind: ResourceKind): object {
  return {
    resource: kind.name,
    responseKind: { group: "", version: "", kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...listsOf(kind),
    ...(kind.subresources.length > 0 && {
      subresources: kind.subresources.map((part) => ({
        subresource: part.name,
        responseKind: { group: "", version: "", kind: part.kind },
        verbs: part.verbs,
      })),
    }),
  };
}

function listsOf({ shortNames, categories }: ResourceKind): object {
  return { ...(shortNames.length > 0 && { shortNames }), ...(categories && { categories }) };
}
