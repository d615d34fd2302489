import { isObject, type JsonObject, objectAt, textAt } from "../../schema/json.ts";
import { fieldsV1Of, type PathSet, readPathSet } from "./path-set.ts";

/** One entry of `metadata.managedFields`: who says which fields, and by what kind of request. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  /** Of an applier absent that has only agreed with what was there. */
  readonly time: string | undefined;
  readonly fields: PathSet;
}

/** The managers that an object names; undefined when one of them cannot be read, and so none of them counts. */
export function readManagers(object: JsonObject): readonly Manager[] | undefined {
  const { managedFields = [] } = objectAt(object, "metadata");
  if (!Array.isArray(managedFields)) return undefined;
  const managers = managedFields.map(readManager);
  return managers.every((one) => one !== undefined) ? managers : undefined;
}

/** The managers of an object that is stored, which are those that the server has written. */
export function managersOf(object: JsonObject): readonly Manager[] {
  return readManagers(object) ?? [];
}

function readManager(entry: unknown): Manager | undefined {
  const operation = textAt(entry, "operation");
  const apiVersion = textAt(entry, "apiVersion");
  if (operation !== "Apply" && operation !== "Update") return undefined;
  if (apiVersion === "" || textAt(entry, "fieldsType") !== "FieldsV1") return undefined;
  const fields = readPathSet(isObject(entry) ? (entry["fieldsV1"] ?? {}) : {});
  return (
    fields && {
      name: textAt(entry, "manager"),
      operation,
      apiVersion,
      subresource: textAt(entry, "subresource"),
      time: textAt(entry, "time") || undefined,
      fields,
    }
  );
}

/** Whether an object was sent to have no managers any more: it names none, or a single one of which nothing is said. */
export function isReset(object: JsonObject): boolean {
  const { managedFields } = objectAt(object, "metadata");
  if (!Array.isArray(managedFields) || managedFields.length > 1) return false;
  return managedFields.every((one) => isObject(one) && Object.keys(one).length === 0);
}

/** Sorts managers as they are written: by time, and at the same time by name. */
export function orderOf({ operation, time = "", name, apiVersion, subresource }: Manager): string {
  return [operation, time, name, apiVersion, subresource].join("\n");
}

/** As `metadata.managedFields`; those who own nothing any more are left out. */
export function entriesOf(managers: readonly Manager[]): readonly object[] {
  return managers
    .filter(({ fields }) => fields.size > 0)
    .sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
    .map(({ name, operation, apiVersion, subresource, time, fields }) => ({
      manager: name,
      operation,
      apiVersion,
      ...(time !== undefined && { time }),
      fieldsType: "FieldsV1",
      fieldsV1: fieldsV1Of(fields),
      ...(subresource !== "" && { subresource }),
    }));
}

/** A metadata with these entries as its managers, in the place of those that it names; without entries it names none. */
export function withEntries<M extends { readonly managedFields?: unknown }>(
  { managedFields: _managedFields, ...metadata }: M,
  managedFields: readonly object[] = [],
): Omit<M, "managedFields"> & { readonly managedFields?: readonly object[] } {
  return { ...metadata, ...(managedFields.length > 0 && { managedFields }) };
}
