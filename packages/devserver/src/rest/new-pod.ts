import { randomInt, randomUUID } from "node:crypto";
import { type ContainerSpec, type EnvVar, type Pod, type PodSpec, timestamp } from "../pods/pod.ts";
import { badRequest, type Cause, refusal } from "../status.ts";
import { createFields, type Fields } from "./fields.ts";

/** The letters of generated names: no vowels, so no words, and none that look alike. */
const letters = "bcdfghjklmnpqrstvwxz2456789";
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** What a Pod can have and a local process cannot give: said, and not ignored. */
const unsupported = {
  metadata: ["finalizers"],
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
/** What the server alone says. */
const systemFields: readonly string[] = ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"];

/** Makes the Pod to store of the one that was sent: checked, named and with its defaults. */
export function newPod(body: unknown, namespace: string): Pod {
  const causes: Cause[] = [];
  const fields = createFields(body, "", { kind: "Pod", causes });
  if (!fields) throw badRequest("the body is not a Pod: it must be a JSON object");
  checkKind(fields);
  const metadata = metadataOf(fields, namespace, causes);
  const spec = specOf(fields);
  if (causes.length > 0) {
    const list = causes.map(({ field, message }) => `${field}: ${message}`).join(", ");
    const message = `Pod "${metadata.name}" is invalid: ${causes.length > 1 ? `[${list}]` : list}`;
    throw refusal(422, "Invalid", message, { name: metadata.name, kind: "Pod", causes });
  }
  return { kind: "Pod", apiVersion: "v1", metadata, spec, status: { phase: "Pending", conditions: [] } };
}

function checkKind(fields: Fields): void {
  const { kind, apiVersion } = fields.values;
  if (kind !== "Pod" || apiVersion !== "v1") {
    throw badRequest(
      `the body must be apiVersion "v1", kind "Pod", not ${JSON.stringify([apiVersion, kind])}`,
    );
  }
}

function metadataOf(pod: Fields, namespace: string, causes: Cause[]): Pod["metadata"] {
  const fields = pod.object("metadata");
  fields.refuse(unsupported.metadata);
  const base = fields.text("generateName") || undefined;
  const name = fields.text("name") || (base === undefined ? "" : base.slice(0, 58) + suffix());
  const own = fields.text("namespace") || namespace;
  if (own !== namespace) {
    throw badRequest(
      `the namespace of the object (${own}) does not match the namespace of the request (${namespace})`,
    );
  }
  if (name === "") fields.invalid("name", "name or generateName is required", "FieldValueRequired");
  else if (name.length > 253 || !dnsSubdomain.test(name)) {
    fields.invalid("name", `Invalid value: ${JSON.stringify(name)}: must be a lower-case RFC 1123 subdomain`);
  }
  if (!dnsLabel.test(namespace)) {
    causes.push(
      invalid("metadata.namespace", `Invalid value: ${JSON.stringify(namespace)}: no RFC 1123 label`),
    );
  }
  const labels = fields.texts("labels");
  const annotations = fields.texts("annotations");
  const sent = Object.entries(fields.values).filter(([key]) => !systemFields.includes(key));
  return {
    ...Object.fromEntries(sent),
    name,
    namespace,
    uid: randomUUID(),
    resourceVersion: "",
    creationTimestamp: timestamp(),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
}

function specOf(pod: Fields): PodSpec {
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
  };
}

function containerOf(fields: Fields): ContainerSpec {
  const name = fields.text("name") ?? "";
  if (!dnsLabel.test(name)) {
    fields.invalid("name", `Invalid value: ${JSON.stringify(name)}: must be a lower-case RFC 1123 label`);
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

function suffix(): string {
  return Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("");
}

function invalid(field: string, message: string): Cause {
  return { reason: "FieldValueInvalid", message, field };
}

/** A property that is left out when it has no value. */
function some<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  const property: Partial<Record<K, V>> = {};
  if (value !== undefined) property[name] = value;
  return property;
}
