import type { PodSpec } from "../pods/pod.ts";
import { type JsonObject, objectAt } from "../schema/json.ts";
import { compareQuantities, parseQuantity, type Quantity } from "../schema/quantity.ts";
import type { Fields } from "./fields.ts";

const none: Quantity = { numerator: 0n, denominator: 1n };

/** What containers ask for and may have, where it is more than nothing. */
function quantityOf(resources: JsonObject, list: string, name: string): Quantity | undefined {
  const quantity = parseQuantity(String(objectAt(resources, list)[name] ?? ""));
  return quantity && compareQuantities(quantity, none) > 0 ? quantity : undefined;
}

/** The resources of a container: what is limited and not asked for is asked for as much; none is negative, nor more than its limit. */
export function resourcesOf(container: Fields): JsonObject {
  const fields = container.object("resources");
  const limits = fields.object("limits");
  const requests = { ...limits.values, ...objectAt(fields.values, "requests") };
  for (const [list, quantities] of [
    ["limits", limits.values],
    ["requests", requests],
  ] as const) {
    for (const [name, text] of Object.entries(quantities)) {
      const quantity = parseQuantity(String(text)) ?? none;
      const limit = parseQuantity(String(limits.values[name] ?? ""));
      if (compareQuantities(quantity, none) < 0) {
        const message = `Invalid value: ${JSON.stringify(text)}: must be greater than or equal to 0`;
        fields.invalid(`${list}[${name}]`, message);
      } else if (list === "requests" && limit && compareQuantities(quantity, limit) > 0) {
        const message = `must be less than or equal to ${name} limit of ${limits.values[name]}`;
        fields.invalid(list, `Invalid value: ${JSON.stringify(text)}: ${message}`);
      }
    }
  }
  return { ...fields.values, ...(Object.keys(requests).length > 0 && { requests }) };
}

/** How well the resources of a Pod are kept for it. */
export function qosClassOf({
  initContainers = [],
  containers,
}: PodSpec): "BestEffort" | "Burstable" | "Guaranteed" {
  const all = [...initContainers, ...containers].map(({ resources = {} }) => resources);
  const names = ["cpu", "memory"];
  const isAsked = (one: JsonObject): boolean =>
    names.some((name) => quantityOf(one, "requests", name) ?? quantityOf(one, "limits", name));
  if (!all.some(isAsked)) return "BestEffort";
  const isKept = (one: JsonObject): boolean =>
    names.every((name) => {
      const [asked, limit] = [quantityOf(one, "requests", name), quantityOf(one, "limits", name)];
      return asked && limit && compareQuantities(asked, limit) === 0;
    });
  return all.every(isKept) ? "Guaranteed" : "Burstable";
}
