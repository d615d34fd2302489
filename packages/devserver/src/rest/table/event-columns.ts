import { textAt, valueAt } from "../../schema/json.ts";
import type { KubernetesObject } from "../object.ts";
import { age } from "./age.ts";
import type { Column } from "./columns.ts";

/** Events of either group: the newer one has other names for the same. */
export const eventColumns: readonly Column[] = [
  { name: "Last Seen", cell: (event) => age(lastSeen(event)) },
  { name: "Type", cell: (event) => textAt(event, "type") },
  { name: "Reason", cell: (event) => textAt(event, "reason") },
  { name: "Object", cell: objectOf },
  { name: "Subobject", wide: true, cell: (event) => subject(event, "fieldPath") },
  { name: "Source", wide: true, cell: sourceOf },
  { name: "Message", cell: (event) => (textAt(event, "message") || textAt(event, "note")).trim() },
  { name: "First Seen", wide: true, cell: (event) => age(firstSeen(event)) },
  { name: "Count", type: "integer", wide: true, cell: countOf },
  { name: "Name", wide: true, cell: ({ metadata }) => metadata.name },
];

function subject(event: KubernetesObject, field: string): string {
  return textAt(event, "involvedObject", field) || textAt(event, "regarding", field);
}

function objectOf(event: KubernetesObject): string {
  return `${subject(event, "kind").toLowerCase()}/${subject(event, "name")}`;
}

function sourceOf(event: KubernetesObject): string {
  const source = (field: string): string =>
    textAt(event, "source", field) || textAt(event, "deprecatedSource", field);
  const component = source("component") || textAt(event, "reportingComponent");
  return [component, source("host")].filter((part) => part !== "").join(", ");
}

function firstOf(event: KubernetesObject, ...fields: readonly string[]): string {
  return fields.map((field) => textAt(event, field)).find((value) => value !== "") ?? "";
}

function firstSeen(event: KubernetesObject): string {
  return firstOf(event, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime");
}

function lastSeen(event: KubernetesObject): string {
  return firstOf(event, "lastTimestamp", "deprecatedLastTimestamp", "eventTime");
}

function countOf(event: KubernetesObject): number {
  const count = valueAt(event, ["count"]) ?? valueAt(event, ["deprecatedCount"]);
  return typeof count === "number" && count > 0 ? count : 1;
}
