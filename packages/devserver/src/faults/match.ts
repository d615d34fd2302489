import type { RequestInfo, Verb } from "../request-info.ts";
import { type Fault, isFrameFault, isSpdyFault, isStatusFault } from "./fault.ts";

/** Which requests a fault meets: those for which all that is given holds; every one by default. */
export type RequestMatch = RequestProperties & {
  readonly subresource?: string;
} & Times;

/** Which sessions a fault meets. */
export type SessionMatch = RequestProperties & {
  readonly subresource?: SessionVerb;
} & Times;

type SessionVerb = "attach" | "exec" | "portforward";

interface RequestProperties {
  readonly method?: string;
  /** The whole path, or what a part of it looks like. */
  readonly path?: string | RegExp;
  readonly verb?: Verb;
  readonly resource?: string;
  readonly namespace?: string;
  /** The name of a Pod. */
  readonly pod?: string;
  readonly where?: (request: RequestInfo) => boolean;
}

/** Of the requests that match, the n-th alone (from 1), or the first so many; all by default. */
type Times =
  | { readonly nth?: number; readonly times?: undefined }
  | { readonly nth?: undefined; readonly times?: number };

export function matches(fault: Fault, match: RequestMatch, request: RequestInfo): boolean {
  const { method, path, verb, resource, subresource, namespace, pod, where = () => true } = match;
  return (
    canMeet(fault, request) &&
    isOneOf(method, request.method) &&
    (path instanceof RegExp ? path.test(request.path) : isOneOf(path, request.path)) &&
    isOneOf(verb, request.verb) &&
    isOneOf(resource, request.resource) &&
    isOneOf(subresource, request.subresource) &&
    isOneOf(namespace, request.namespace) &&
    (pod === undefined || (request.resource === "pods" && request.name === pod)) &&
    where(request)
  );
}

function isOneOf(wanted: string | undefined, found: string | undefined): boolean {
  return wanted === undefined || wanted === found;
}

/** Whether there is in such a request what the fault is about. */
function canMeet(fault: Fault, { protocol, subresource }: RequestInfo): boolean {
  if (fault.kind === "throttle" || fault.kind === "stop-reading") return protocol !== "http";
  if (isSpdyFault(fault)) return protocol === "spdy";
  if (isStatusFault(fault)) return protocol !== "http" && subresource !== "portforward";
  if (fault.kind === "message" && protocol === "spdy") return subresource !== "portforward";
  return !isFrameFault(fault) || protocol === "websocket";
}
