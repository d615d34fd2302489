import { isField } from "../pods/container-env.ts";
import type { EnvFromSource, EnvVar } from "../pods/pod.ts";
import type { Fields } from "./fields.ts";
import { required, some } from "./some.ts";

const references = ["fieldRef", "configMapKeyRef", "secretKeyRef"] as const;

/** A variable of a container as it is stored: a text, or where its value comes from. */
export function envVarOf(fields: Fields): EnvVar {
  const name = fields.text("name") ?? "";
  if (name === "" || /[=\0]/.test(name)) {
    fields.invalid("name", `Invalid value: ${JSON.stringify(name)}: no name of a variable`);
  }
  const value = fields.text("value");
  if (fields.values["valueFrom"] === undefined) return { name, ...some("value", value) };
  if (value !== undefined && value !== "") {
    fields.invalid("valueFrom", 'Invalid value: "": may not be specified when `value` is not empty');
  }
  const source = fields.object("valueFrom");
  source.refuse(["resourceFieldRef", "fileKeyRef"]);
  const [kind, ...others] = references.filter((one) => source.values[one] !== undefined);
  if (kind === undefined) {
    const all = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    // What was refused above has been named.
    if (Object.keys(source.values).length === 0) {
      fields.invalid("valueFrom", `Invalid value: "": must specify one of: ${all}`);
    }
    return { name };
  }
  if (others.length > 0) {
    fields.invalid("valueFrom", 'Invalid value: "": may not have more than one field specified at a time');
  }
  const reference = source.object(kind);
  if (kind === "fieldRef") {
    const path = required(reference, "fieldPath");
    if (path !== "" && !isField(path)) {
      const why = `error converting fieldPath: field label not supported: ${path}`;
      reference.invalid("fieldPath", `Invalid value: ${JSON.stringify(path)}: ${why}`);
    }
    return { name, valueFrom: { fieldRef: { apiVersion: "v1", ...reference.values, fieldPath: path } } };
  }
  const key = {
    name: required(reference, "name"),
    key: required(reference, "key"),
    ...optionalOf(reference),
  };
  return { name, valueFrom: { [kind]: key } };
}

/** Where a container takes all variables of a config map or a secret from. */
export function envFromOf(container: Fields): EnvFromSource[] {
  return container.list("envFrom").map((fields) => {
    const [kind, ...others] = (["configMapRef", "secretRef"] as const).filter(
      (one) => fields.values[one] !== undefined,
    );
    const invalid = (why: string): void => container.invalid("envFrom", `Invalid value: "": ${why}`);
    if (kind === undefined) {
      invalid("must specify one of: `configMapRef` or `secretRef`");
      return {};
    }
    if (others.length > 0) invalid("may not have more than one field specified at a time");
    const reference = fields.object(kind);
    const target = { name: required(reference, "name"), ...optionalOf(reference) };
    return { ...some("prefix", fields.text("prefix")), [kind]: target };
  });
}

function optionalOf(fields: Fields): { readonly optional?: boolean } {
  return fields.values["optional"] === undefined ? {} : { optional: fields.flag("optional") };
}
