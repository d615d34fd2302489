import type { RequestInfo, Verb } from "../request-info.ts";
import { detailsOf, qualifiedName, type Refusal, refusal } from "../status.ts";
import type { DenyRule } from "./fault.ts";

/** The only user of a devserver. */
const user = "devserver";

/**
 * The 403 of a request that the rule takes the right to, as an authorizer says it. Who asks for a session by GET, as
 * WebSocket does, has to be allowed to create it besides, and hears no reason when he is not.
 */
export function denialOf(rule: DenyRule, request: RequestInfo, asksTwice: boolean): Refusal | undefined {
  const { verb, resource, subresource, name } = request;
  const { verbs, resources, resourceNames } = rule;
  if (verb === undefined || resource === undefined) return undefined;
  const qualified = subresource === undefined ? resource : `${resource}/${subresource}`;
  if (resources && !resources.includes(qualified)) return undefined;
  if (resourceNames && !resourceNames.some((one) => one === name)) return undefined;
  const denies = (one: Verb): boolean => !verbs || verbs.includes(one);
  if (denies(verb))
    return forbidden(request, `User "${user}" cannot ${verb} resource "${qualified}" ${scopeOf(request)}`);
  const isSession = request.protocol === "websocket" && request.method === "GET";
  return isSession && asksTwice && denies("create") ? forbidden(request, "") : undefined;
}

function scopeOf({ group, resource, namespace, name }: RequestInfo): string {
  // A namespace is in itself.
  const inside = resource === "namespaces" ? name : namespace;
  const where = inside === undefined ? "at the cluster scope" : `in the namespace "${inside}"`;
  return `in API group "${group}" ${where}`;
}

function forbidden({ group = "", resource = "", name }: RequestInfo, why: string): Refusal {
  const qualified = qualifiedName(resource, group);
  const what = name === undefined ? qualified : `${qualified} "${name}"`;
  return refusal(403, "Forbidden", `${what} is forbidden: ${why}`, detailsOf(resource, name, group));
}
