import type { IncomingMessage } from "node:http";
import { isOn, routeOf, targetOf } from "./rest/routes.ts";

/** What is done to a resource, as RBAC names it. */
export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** What a request asks for, as an API server reads it. */
export interface RequestInfo {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** What it wants to speak: an upgrade is a session. */
  readonly protocol: "http" | "websocket" | "spdy";
  /** These are undefined for a path that names no resource. */
  readonly verb: Verb | undefined;
  readonly group: string | undefined;
  /** As in paths: `pods`. */
  readonly resource: string | undefined;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

export function requestInfoOf(request: IncomingMessage): RequestInfo {
  const { method = "GET" } = request;
  const { pathname: path, searchParams: query } = targetOf(request);
  const asked = { method, path, query, protocol: protocolOf(request) };
  const route = routeOf(path);
  if (route && "namespace" in route && route.kind !== "resource") {
    // A part of a Pod that is no object: its path ends with it.
    const { namespace, name } = route;
    const subresource = path.slice(path.lastIndexOf("/") + 1);
    const verb = verbs[method]?.one;
    return { ...asked, verb, group: "", resource: "pods", subresource, namespace, name };
  }
  if (route?.kind !== "resource") {
    const none = undefined;
    const nothing = { verb: none, group: none, resource: none, subresource: none };
    return { ...asked, ...nothing, namespace: none, name: none };
  }
  const { resource, namespace, name, subresource } = route;
  const watches = method === "GET" && name === undefined && isOn(query, "watch");
  const verb = watches ? "watch" : verbs[method]?.[name === undefined ? "all" : "one"];
  return { ...asked, verb, group: resource.group, resource: resource.name, subresource, namespace, name };
}

const verbs: Readonly<Record<string, { readonly one: Verb; readonly all: Verb }>> = {
  GET: { one: "get", all: "list" },
  HEAD: { one: "get", all: "list" },
  POST: { one: "create", all: "create" },
  PUT: { one: "update", all: "update" },
  PATCH: { one: "patch", all: "patch" },
  DELETE: { one: "delete", all: "deletecollection" },
};

function protocolOf({ headers: { upgrade } }: IncomingMessage): RequestInfo["protocol"] {
  if (upgrade === undefined) return "http";
  return upgrade.toLowerCase() === "websocket" ? "websocket" : "spdy";
}
