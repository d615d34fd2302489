import { textAt, valueAt } from "../schema/json.ts";
import { badRequest } from "../status.ts";
import type { KubernetesObject } from "./object.ts";

/** Whether an object is meant. */
export type Selector = (object: KubernetesObject) => boolean;

const always = ["metadata.name", "metadata.namespace"];

/**
 * The selector of a request's `labelSelector` and `fieldSelector` together, for a kind whose fields of these paths
 * can be asked for; a refusal when one is malformed.
 */
export function selectorOf(query: URLSearchParams, selectable: readonly string[]): Selector {
  const selectors = [
    ...requirements(query.get("labelSelector") ?? "").map(labelRequirement),
    ...requirements(query.get("fieldSelector") ?? "").map((text) =>
      fieldRequirement(text, [...always, ...selectable]),
    ),
  ];
  return (object) => selectors.every((selector) => selector(object));
}

/** Cut at the commas that do not stand in parentheses. */
function requirements(text: string): string[] {
  return text.trim() === "" ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function fieldRequirement(text: string, selectable: readonly string[]): Selector {
  const [, name = "", operator, value = ""] = /^([^=!]+)(==|!=|=)(.*)$/.exec(text) ?? [];
  if (operator === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  if (!selectable.includes(name)) {
    // Kinds without fields of their own say it otherwise.
    const why =
      selectable.length === always.length
        ? `"${name}" is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${name}`;
    throw badRequest(why);
  }
  const path = name.split(".");
  return (object) => (fieldOf(object, path) === value) === (operator !== "!=");
}

/** What is absent compares as Go's empty value: text, or a switch that is off. */
function fieldOf(object: KubernetesObject, path: readonly string[]): string {
  const value = valueAt(object, path);
  if (value === undefined && ["unschedulable", "hostNetwork"].includes(path.at(-1) ?? "")) return "false";
  return typeof value === "boolean" ? String(value) : textAt(value);
}

const label = "([\\w./-]+)";
const equality = new RegExp(`^${label}\\s*(==|!=|=)\\s*([\\w.-]*)$`);
const membership = new RegExp(`^${label}\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const existence = new RegExp(`^(!?)\\s*${label}$`);

function labelRequirement(text: string): Selector {
  const [, key, comparison, value = ""] = equality.exec(text) ?? [];
  if (key !== undefined) return (object) => (labelOf(object, key) === value) === (comparison !== "!=");
  const [, member, operator, list = ""] = membership.exec(text) ?? [];
  if (member !== undefined) {
    const values = list.split(",").map((one) => one.trim());
    return (object) => values.includes(labelOf(object, member) ?? "\0") === (operator === "in");
  }
  const [, not, name] = existence.exec(text) ?? [];
  if (name === undefined) throw badRequest(`unable to parse requirement: ${JSON.stringify(text)}`);
  return (object) => (labelOf(object, name) === undefined) === (not === "!");
}

function labelOf({ metadata: { labels = {} } }: KubernetesObject, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
