import type { ContainerPort, ContainerSpec, PodSpec } from "../pods/pod.ts";
import { lifecycleOf, probeFields, probeOf } from "./action-spec.ts";
import { envFromOf, envVarOf } from "./env-spec.ts";
import type { Fields } from "./fields.ts";
import { dnsLabel, dnsSubdomain } from "./names.ts";
import { containerDefaultsOf, podDefaultsOf } from "./pod-defaults.ts";
import { required, some } from "./some.ts";
import { volumeMountsOf, volumesOf } from "./volume-spec.ts";

/** What a Pod can have and a local process cannot give: said, and not ignored. */
const unsupported = {
  spec: ["ephemeralContainers", "activeDeadlineSeconds"],
  container: ["volumeDevices", "restartPolicyRules"],
} as const;

/** The spec of a Pod as it is stored: checked, and with its defaults. */
export function podSpecOf(pod: Fields): PodSpec {
  const fields = pod.object("spec");
  fields.refuse(unsupported.spec);
  const volumes = volumesOf(fields);
  const grace = fields.integer("terminationGracePeriodSeconds") ?? 30;
  const terminationGracePeriodSeconds = grace < 0 ? 1 : grace;
  const inPod = { volumes, terminationGracePeriodSeconds };
  const containers = fields.list("containers").map((one) => containerOf(one, "container", inPod));
  if (containers.length === 0) fields.invalid("containers", "Required value", "FieldValueRequired");
  const initContainers = fields.list("initContainers").map((one) => containerOf(one, "init", inPod));
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
    const supported = 'supported values: "Always", "OnFailure", "Never"';
    const message = `Unsupported value: ${JSON.stringify(policy)}: ${supported}`;
    fields.invalid("restartPolicy", message, "FieldValueNotSupported");
  }
  const restartPolicy = policy === "OnFailure" || policy === "Never" ? policy : "Always";
  const nodeName = fields.text("nodeName") ?? "";
  if (nodeName !== "" && !dnsSubdomain.matches(nodeName)) {
    fields.invalid("nodeName", `Invalid value: ${JSON.stringify(nodeName)}: ${dnsSubdomain.message}`);
  }
  const readinessGates = fields.list("readinessGates").map((one) => ({
    conditionType: required(one, "conditionType"),
  }));
  const {
    initContainers: _initContainers,
    volumes: _volumes,
    nodeName: _nodeName,
    ...values
  } = fields.values;
  return {
    ...values,
    ...podDefaultsOf(fields),
    ...(nodeName !== "" && { nodeName }),
    ...(readinessGates.length > 0 && { readinessGates }),
    ...(volumes.length > 0 && { volumes }),
    ...(initContainers.length > 0 && { initContainers }),
    containers,
    restartPolicy,
    terminationGracePeriodSeconds,
    // `kubectl debug` looks into it without looking whether it is there.
    securityContext: fields.object("securityContext").values,
  };
}

/** A container as it is stored, checked for what containers of its role can have. */
export function containerOf(
  fields: Fields,
  role: "container" | "init" | "ephemeral",
  { volumes = [], terminationGracePeriodSeconds }: Pick<PodSpec, "volumes" | "terminationGracePeriodSeconds">,
): ContainerSpec {
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
  const life = ["lifecycle", ...probeFields].filter((one) => fields.values[one] !== undefined);
  if (role === "ephemeral" || (role === "init" && restartPolicy !== "Always")) {
    const why =
      role === "ephemeral"
        ? "cannot be set for an Ephemeral Container"
        : "may not be set for init containers without restartPolicy=Always";
    for (const one of life) fields.invalid(one, `Forbidden: ${why}`, "FieldValueForbidden");
  }
  const { stdin: _stdin, stdinOnce: _stdinOnce, tty: _tty, ...rest } = fields.values;
  return {
    ...rest,
    name,
    image,
    ...containerDefaultsOf(fields, image),
    ...some("command", fields.words("command")),
    ...some("args", fields.words("args")),
    ...some("env", fields.values["env"] === undefined ? undefined : fields.list("env").map(envVarOf)),
    ...some("envFrom", fields.values["envFrom"] === undefined ? undefined : envFromOf(fields)),
    ...some("workingDir", fields.text("workingDir")),
    ...some(
      "volumeMounts",
      fields.values["volumeMounts"] === undefined ? undefined : volumeMountsOf(fields, volumes),
    ),
    ...some("ports", fields.values["ports"] === undefined ? undefined : fields.list("ports").map(portOf)),
    ...some("restartPolicy", restartPolicy),
    ...some(
      "lifecycle",
      life.includes("lifecycle") ? lifecycleOf(fields, terminationGracePeriodSeconds) : undefined,
    ),
    ...Object.fromEntries(
      probeFields.filter((one) => life.includes(one)).map((one) => [one, probeOf(fields, one)]),
    ),
    // As with a real server, a switch that is off is not stored.
    ...(fields.flag("stdin") && { stdin: true }),
    ...(fields.flag("stdinOnce") && { stdinOnce: true }),
    ...(fields.flag("tty") && { tty: true }),
  };
}

function portOf(fields: Fields): ContainerPort {
  return {
    ...fields.values,
    ...some("name", fields.text("name")),
    ...some("containerPort", fields.integer("containerPort")),
    protocol: fields.text("protocol") ?? "TCP",
  };
}
