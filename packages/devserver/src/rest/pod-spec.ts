import type { ContainerSpec, EnvVar, PodSpec } from "../pods/pod.ts";
import type { Fields } from "./fields.ts";
import { dnsLabel } from "./names.ts";

/** What a Pod can have and a local process cannot give: said, and not ignored. */
const unsupported = {
  spec: ["ephemeralContainers", "volumes", "activeDeadlineSeconds"],
  container: [
    "envFrom",
    "volumeMounts",
    "volumeDevices",
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "restartPolicyRules",
  ],
} as const;

/** The spec of a Pod as it is stored: checked, and with its defaults. */
export function podSpecOf(pod: Fields): PodSpec {
  const fields = pod.object("spec");
  fields.refuse(unsupported.spec);
  const containers = fields.list("containers").map((one) => containerOf(one, "container"));
  if (containers.length === 0) fields.invalid("containers", "Required value", "FieldValueRequired");
  const initContainers = fields.list("initContainers").map((one) => containerOf(one, "init"));
  const names: string[] = [];
  for (const [field, list] of [
    ["containers", containers],
    ["initContainers", initContainers],
  ] as const) {
    for (const [index, { name }] of list.entries()) {
      const message = `Duplicate value: ${JSON.stringify(name)}`;
      if (names.includes(name)) fields.invalid(`${field}[${index}].name`, message, "FieldValueDuplicate");
      names.push(name);
    }
  }
  const policy = fields.text("restartPolicy") ?? "Always";
  if (policy !== "Always" && policy !== "OnFailure" && policy !== "Never") {
    fields.invalid("restartPolicy", `Unsupported value: ${JSON.stringify(policy)}`, "FieldValueNotSupported");
  }
  const restartPolicy = policy === "OnFailure" || policy === "Never" ? policy : "Always";
  const grace = fields.integer("terminationGracePeriodSeconds") ?? 30;
  const { initContainers: _initContainers, ...values } = fields.values;
  return {
    ...values,
    ...(initContainers.length > 0 && { initContainers }),
    containers,
    restartPolicy,
    terminationGracePeriodSeconds: grace < 0 ? 1 : grace,
    // `kubectl debug` looks into it without looking whether it is there.
    securityContext: fields.object("securityContext").values,
  };
}

/** A container as it is stored, checked for what containers of its role can have. */
export function containerOf(fields: Fields, role: "container" | "init" | "ephemeral"): ContainerSpec {
  const name = fields.text("name") ?? "";
  if (!dnsLabel.matches(name)) {
    fields.invalid("name", `Invalid value: ${JSON.stringify(name)}: ${dnsLabel.message}`);
  }
  const image = fields.text("image") ?? "";
  if (image.trim() === "") fields.invalid("image", "Required value", "FieldValueRequired");
  fields.refuse(unsupported.container);
  const restartPolicy = fields.text("restartPolicy");
  if (role !== "init") fields.refuse(["restartPolicy"]);
  else if (restartPolicy !== undefined && restartPolicy !== "Always") {
    const message = `Unsupported value: ${JSON.stringify(restartPolicy)}: supported values: "Always"`;
    fields.invalid("restartPolicy", message, "FieldValueNotSupported");
  }
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
    ...some("restartPolicy", restartPolicy),
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
