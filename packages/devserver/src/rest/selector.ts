import type { Pod } from "../pods/pod.ts";
import { badRequest } from "../status.ts";

/** Whether a Pod is meant. */
export type Selector = (pod: Pod) => boolean;

const fields: Readonly<Record<string, (pod: Pod) => string>> = {
  "metadata.name": ({ metadata }) => metadata.name,
  "metadata.namespace": ({ metadata }) => metadata.namespace,
  "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
  "spec.restartPolicy": ({ spec }) => spec.restartPolicy,
  "status.phase": ({ status }) => status.phase,
};

/** The selector of a request's `labelSelector` and `fieldSelector` together; a refusal when one is malformed. */
export function selectorOf(query: URLSearchParams): Selector {
  const selectors = [
    ...requirements(query.get("labelSelector") ?? "").map(labelRequirement),
    ...requirements(query.get("fieldSelector") ?? "").map(fieldRequirement),
  ];
  return (pod) => selectors.every((selector) => selector(pod));
}

/** Cut at the commas that do not stand in parentheses. */
function requirements(text: string): string[] {
  return text.trim() === "" ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function fieldRequirement(text: string): Selector {
  const [, name = "", operator, value = ""] = /^([^=!]+)(==|!=|=)(.*)$/.exec(text) ?? [];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (operator === undefined) throw badRequest(`invalid field selector: ${JSON.stringify(text)}`);
  if (!field) throw badRequest(`field label not supported: ${name}`);
  return (pod) => (field(pod) === value) === (operator !== "!=");
}

const label = "([\\w./-]+)";
const equality = new RegExp(`^${label}\\s*(==|!=|=)\\s*([\\w.-]*)$`);
const membership = new RegExp(`^${label}\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const existence = new RegExp(`^(!?)\\s*${label}$`);

function labelRequirement(text: string): Selector {
  const [, key, comparison, value = ""] = equality.exec(text) ?? [];
  if (key !== undefined) return (pod) => (labelOf(pod, key) === value) === (comparison !== "!=");
  const [, member, operator, list = ""] = membership.exec(text) ?? [];
  if (member !== undefined) {
    const values = list.split(",").map((one) => one.trim());
    return (pod) => values.includes(labelOf(pod, member) ?? "\0") === (operator === "in");
  }
  const [, not, name] = existence.exec(text) ?? [];
  if (name === undefined) throw badRequest(`unable to parse requirement: ${JSON.stringify(text)}`);
  return (pod) => (labelOf(pod, name) === undefined) === (not === "!");
}

function labelOf({ metadata: { labels = {} } }: Pod, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
