import { apiVersionOf } from "../schema/schema.ts";
import { badRequest } from "../status.ts";
import { kindsOf, type ResourceKind } from "./kinds.ts";

/** What a path names. */
export type Route =
  | { readonly kind: "version" }
  | { readonly kind: "health" }
  | { readonly kind: "discovery"; readonly path: string }
  | { readonly kind: "openapi"; readonly path: string }
  | ResourceRoute
  | { readonly kind: "log"; readonly namespace: string; readonly name: string }
  | {
      readonly kind: "stream";
      readonly namespace: string;
      readonly name: string;
      readonly verb: (typeof streamVerbs)[number];
    };

const streamVerbs = ["attach", "exec", "portforward"] as const;

/** All objects of a resource, those of one namespace, one object, or a part of it. */
export interface ResourceRoute {
  readonly kind: "resource";
  readonly resource: ResourceKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Path and query of a request. */
export function targetOf({ url = "/" }: { readonly url?: string | undefined }): URL {
  const base = "http://devserver";
  if (!URL.canParse(url, base)) throw badRequest("the request's target is no URL");
  return new URL(url, base);
}

/** Undefined for a path that names nothing here. */
export function routeOf(path: string): Route | undefined {
  if (path === "/version") return { kind: "version" };
  if (/^\/(healthz|livez|readyz)$/.test(path)) return { kind: "health" };
  if (/^\/openapi(\/|$)/.test(path)) return { kind: "openapi", path };
  const [, group, rest] = /^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
  if (group !== undefined && rest !== undefined) return resourceRoute(group, rest);
  return /^\/apis?(\/|$)/.test(path) ? { kind: "discovery", path: path.replace(/\/$/, "") } : undefined;
}

/** Whether it asks which server this is and how it is, which anybody may. */
export function isOpenToAll(request: {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}) {
  const kind = request.method === "GET" ? routeOf(targetOf(request).pathname)?.kind : undefined;
  return kind === "version" || kind === "health";
}

function resourceRoute(group: string, rest: string): Route | undefined {
  const kinds = kindsOf(group.replace(/^apis?\//, ""));
  const parts = rest.split("/").map(decodeURIComponent);
  // `namespaces/x` is an object itself, and the beginning of a longer path.
  const scoped = parts[0] === "namespaces" && parts.length > 2 ? parts.slice(2) : undefined;
  const inside = scoped && kinds.find(({ name, namespaced }) => namespaced && name === scoped[0]);
  const [resourceName, name, subresource, ...more] = inside ? scoped : parts;
  const resource = inside ?? kinds.find((one) => one.name === resourceName);
  if (!resource || more.length > 0 || name === "") return undefined;
  const namespace = inside && parts[1];
  // A namespaced object is found in its namespace only.
  if (name !== undefined && resource.namespaced !== (namespace !== undefined)) return undefined;
  if (subresource !== undefined && !resource.subresources.some((one) => one.name === subresource)) {
    return undefined;
  }
  if (subresource === "log" && namespace !== undefined && name !== undefined) {
    return { kind: "log", namespace, name };
  }
  const verb = streamVerbs.find((one) => one === subresource);
  if (verb && namespace !== undefined && name !== undefined) return { kind: "stream", namespace, name, verb };
  return { kind: "resource", resource, namespace, name, subresource };
}

/** Whether a path is inside a group that exists, so that what it names is a resource that does not. */
export function isInGroup(path: string): boolean {
  const [, group = ""] = /^\/(?:api\/([^/]+)|apis\/([^/]+\/[^/]+))\//.exec(path)?.filter((one) => one) ?? [];
  return kindsOf(group).some((kind) => apiVersionOf(kind) === group);
}

/** A switch as an API server reads it: absent, `0` and `false` are off, anything else is on, the empty value too. */
export function isOn(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}
