import type { ContainerSpec, EnvVar, PodSpec } from "../pods/pod.ts";
import type { Fields } from "./fields.ts";
import { dnsLabel } from "./names.ts";

/** What a Pod can have and a local process cannot give: said, and not ignored. */
const unsupported = {
  spec: ["initContainers", "ephemeralContainers", "volumes", "activeDeadlineSeconds"],
  container: [
    "envFrom",
    "volumeMounts",
    "volumeDevices",
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "restartPolicy",
  ],
} as const;

/** The spec of a Pod as it is stored: checked, and with its defaults. */
export function podSpecOf(pod: Fields): PodSpec {
  const fields = pod.object("spec");
  fields.refuse(unsupported.spec);
  const containers = fields.list("containers").map(containerOf);
  if (containers.length === 0) fields.invalid("containers", "Required value", "FieldValueRequired");
  const names = containers.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    fields.invalid(
      `containers[${index}].name`,
      `Duplicate value: ${JSON.stringify(name)}`,
      "FieldValueDuplicate",
    );
  }
  const policy = fields.text("restartPolicy") ?? "Always";
  if (policy !== "Always" && policy !== "OnFailure" && policy !== "Never") {
    fields.invalid("restartPolicy", `Unsupported value: ${JSON.stringify(policy)}`, "FieldValueNotSupported");
  }
  const restartPolicy = policy === "OnFailure" || policy === "Never" ? policy : "Always";
  const grace = fields.integer("terminationGracePeriodSeconds") ?? 30;
  return {
    ...fields.values,
    containers,
    restartPolicy,
    terminationGracePeriodSeconds: grace < 0 ? 1 : grace,
    // `kubectl debug` looks into it without looking whether it is there.
    securityContext: fields.object("securityContext").values,
  };
}

function containerOf(fields: Fields): ContainerSpec {
  const name = fields.text("name") ?? "";
  if (!dnsLabel.matches(name)) {
    fields.invalid("name", `Invalid value: ${JSON.stringify(name)}: ${dnsLabel.message}`);
  }
  const image = fields.text("image") ?? "";
  if (image.trim() === "") fields.invalid("image", "Required value", "FieldValueRequired");
  fields.refuse(unsupported.container);
  const { stdin: _stdin, stdinOnce: _stdinOnce, tty: _tty, ...rest } = fields.values;
  return {
    ...rest,
    name,
    image,
    ...some("imagePullPolicy", fields.text("imagePullPolicy")),
    ...some("command", fields.words("command")),
    ...some("args", fields.words("args")),
    ...some("env", fields.values["env"] === undefined ? undefined : fields.list("env").map(envVarOf)),
    ...some("workingDir", fields.text("workingDir")),
    // As with a real server, a switch that is off is not stored.
    ...(fields.flag("stdin") && { stdin: true }),
    ...(fields.flag("stdinOnce") && { stdinOnce: true }),
    ...(fields.flag("tty") && { tty: true }),
  };
}

function envVarOf(fields: Fields): EnvVar {
  const name = fields.text("name") ?? "";
  if (name === "" || /[=\0]/.test(name)) {
    fields.invalid("name", `Invalid value: ${JSON.stringify(name)}: no name of a variable`);
  }
  fields.refuse(["valueFrom"]);
  return { name, ...some("value", fields.text("value")) };
}

/** A property that is left out when it has no value. */
function some<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  const property: Partial<Record<K, V>> = {};
  if (value !== undefined) property[name] = value;
  return property;
}
