import type { KeyToPath, Volume, VolumeMount } from "../pods/pod.ts";
import type { Fields } from "./fields.ts";
import { dnsLabel } from "./names.ts";
import { required, some } from "./some.ts";

const sources = ["emptyDir", "configMap", "secret"] as const;
const unsupported = "devserver does not support this field";

/** The volumes of a Pod as they are stored. */
export function volumesOf(spec: Fields): Volume[] {
  const names: string[] = [];
  return spec.list("volumes").map((fields) => {
    const volume = volumeOf(fields);
    const shown = JSON.stringify(volume.name);
    if (!dnsLabel.matches(volume.name))
      fields.invalid("name", `Invalid value: ${shown}: ${dnsLabel.message}`);
    else if (names.includes(volume.name)) {
      fields.invalid("name", `Duplicate value: ${shown}`, "FieldValueDuplicate");
    }
    names.push(volume.name);
    return volume;
  });
}

function volumeOf(fields: Fields): Volume {
  const name = fields.text("name") ?? "";
  const others = Object.keys(fields.values).filter(
    (one) => one !== "name" && !sources.some((it) => it === one),
  );
  const [kind, ...more] = sources.filter((one) => fields.values[one] !== undefined);
  for (const one of others) {
    // A path of this machine, or somebody's storage: also an empty one is no emptyDir.
    const why = kind === undefined ? unsupported : "may not specify more than 1 volume type";
    fields.invalid(one, `Forbidden: ${why}`, "FieldValueForbidden");
  }
  for (const one of more) {
    fields.invalid(one, "Forbidden: may not specify more than 1 volume type", "FieldValueForbidden");
  }
  if (kind === "configMap") {
    const source = fields.object(kind);
    return { name, configMap: { name: required(source, "name"), ...filesOf(source) } };
  }
  if (kind === "secret") {
    const source = fields.object(kind);
    return { name, secret: { secretName: required(source, "secretName"), ...filesOf(source) } };
  }
  // As the real server takes a volume that says nothing.
  return { name, emptyDir: kind === undefined ? {} : fields.object(kind).values };
}

function filesOf(source: Fields) {
  return {
    ...(source.values["items"] !== undefined && { items: source.list("items").map(itemOf) }),
    ...(source.values["optional"] !== undefined && { optional: source.flag("optional") }),
    defaultMode: modeOf(source, "defaultMode") ?? 0o644,
  };
}

function itemOf(item: Fields): KeyToPath {
  const path = required(item, "path");
  checkInside(item, "path", path);
  return { key: required(item, "key"), path, ...some("mode", modeOf(item, "mode")) };
}

function modeOf(fields: Fields, name: string): number | undefined {
  const mode = fields.integer(name);
  if (mode !== undefined && (mode < 0 || mode > 0o777)) {
    const message = `Invalid value: ${mode}: must be a number between 0 and 0777 (octal), both inclusive`;
    fields.invalid(name, message);
  }
  return mode;
}

/** Where volumes are in a container. One inside another one would be a link in the folder of that one. */
export function volumeMountsOf(container: Fields, volumes: readonly Volume[]): VolumeMount[] {
  const paths: string[] = [];
  return container.list("volumeMounts").map((fields) => {
    fields.refuse(["subPathExpr", "mountPropagation", "recursiveReadOnly"]);
    const name = required(fields, "name");
    if (name !== "" && !volumes.some((volume) => volume.name === name)) {
      fields.invalid("name", `Not found: ${JSON.stringify(name)}`, "FieldValueNotFound");
    }
    const mountPath = required(fields, "mountPath");
    const parts = mountPath.split("/").filter((part) => part !== "" && part !== ".");
    const path = `/${parts.join("/")}/`;
    const shown = JSON.stringify(mountPath);
    if (mountPath !== "") {
      if (paths.includes(path)) fields.invalid("mountPath", `Invalid value: ${shown}: must be unique`);
      else if (parts.includes("..") || parts.length === 0) {
        fields.invalid(
          "mountPath",
          `Invalid value: ${shown}: devserver mounts below the container's folder alone`,
        );
      } else if (paths.some((one) => one.startsWith(path) || path.startsWith(one))) {
        fields.invalid("mountPath", `Invalid value: ${shown}: devserver mounts no volume inside another one`);
      }
      paths.push(path);
    }
    const subPath = fields.text("subPath");
    if (subPath !== undefined) checkInside(fields, "subPath", subPath);
    return { ...fields.values, name, mountPath, ...some("subPath", subPath) };
  });
}

function checkInside(fields: Fields, name: string, path: string): void {
  const shown = JSON.stringify(path);
  if (path.startsWith("/")) fields.invalid(name, `Invalid value: ${shown}: must be a relative path`);
  if (path.split("/").includes("..")) fields.invalid(name, `Invalid value: ${shown}: must not contain '..'`);
}
