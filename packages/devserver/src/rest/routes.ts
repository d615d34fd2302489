import { badRequest } from "../status.ts";

/** What a path names. */
export type Route =
  | { readonly kind: "version" }
  | { readonly kind: "health" }
  | { readonly kind: "pods"; readonly namespace: string | undefined }
  | { readonly kind: "pod"; readonly namespace: string; readonly name: string }
  | {
      readonly kind: "stream";
      readonly namespace: string;
      readonly name: string;
      readonly verb: "attach" | "exec";
    };

const patterns = {
  pods: /^\/api\/v1(?:\/namespaces\/([^/]+))?\/pods$/,
  pod: /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)$/,
  stream: /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(attach|exec)$/,
} as const;

/** Path and query of a request. */
export function targetOf({ url = "/" }: { readonly url?: string | undefined }): URL {
  const base = "http://devserver";
  if (!URL.canParse(url, base)) throw badRequest("the request's target is no URL");
  return new URL(url, base);
}

/** Undefined for a path that names nothing here. */
export function routeOf(path: string): Route | undefined {
  if (path === "/version") return { kind: "version" };
  if (path === "/healthz" || path === "/livez" || path === "/readyz") return { kind: "health" };
  const pods = patterns.pods.exec(path);
  if (pods)
    return { kind: "pods", namespace: pods[1] === undefined ? undefined : decodeURIComponent(pods[1]) };
  const [, namespace, name, verb] = patterns.stream.exec(path) ?? patterns.pod.exec(path) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  const names = { namespace: decodeURIComponent(namespace), name: decodeURIComponent(name) };
  if (verb === "attach" || verb === "exec") return { kind: "stream", ...names, verb };
  return { kind: "pod", ...names };
}

/** A switch as an API server reads it: absent, `0` and `false` are off, anything else is on, the empty value too. */
export function isOn(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}
