import type { Action, HttpGet, Lifecycle, Port, Probe } from "../pods/action.ts";
import type { Fields } from "./fields.ts";
import { required, some } from "./some.ts";

/** The probes of a container, in the order in which the real server checks them. */
export const probeFields = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
type ProbeField = (typeof probeFields)[number];

const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

/** A probe as it is stored, with its defaults; a readiness probe alone may need several successes. */
export function probeOf(container: Fields, kind: ProbeField): Probe {
  const fields = container.object(kind);
  const number = (name: string, byDefault: number): number => {
    const value = fields.integer(name) ?? 0;
    if (value < 0) fields.invalid(name, `Invalid value: ${value}: must be greater than or equal to 0`);
    return value === 0 ? byDefault : value;
  };
  const action = actionOf(container, kind, ["exec", "httpGet", "tcpSocket"]);
  const delay = number("initialDelaySeconds", 0);
  const probe = {
    ...action,
    ...(delay !== 0 && { initialDelaySeconds: delay }),
    timeoutSeconds: number("timeoutSeconds", 1),
    periodSeconds: number("periodSeconds", 10),
    failureThreshold: number("failureThreshold", 3),
    successThreshold: number("successThreshold", 1),
  };
  const { successThreshold } = probe;
  if (kind !== "readinessProbe" && successThreshold > 1) {
    fields.invalid("successThreshold", `Invalid value: ${successThreshold}: must be 1`);
  }
  const grace = fields.integer("terminationGracePeriodSeconds");
  if (grace !== undefined) {
    const why = kind === "readinessProbe" ? "must not be set for readinessProbes" : "must be greater than 0";
    if (kind === "readinessProbe" || grace <= 0) {
      fields.invalid("terminationGracePeriodSeconds", `Invalid value: ${grace}: ${why}`);
    }
  }
  return { ...probe, ...some("terminationGracePeriodSeconds", grace) };
}

/** What a container does first and last, as it is stored. */
export function lifecycleOf(container: Fields, graceSeconds: number): Lifecycle {
  const fields = container.object("lifecycle");
  fields.refuse(["stopSignal"]);
  const hook = (name: "postStart" | "preStop"): Action | undefined => {
    if (fields.values[name] === undefined) return undefined;
    const action = actionOf(fields, name, ["exec", "httpGet", "sleep"]);
    const seconds = action.sleep?.seconds ?? 0;
    if (seconds < 0 || seconds > graceSeconds) {
      const rule = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
      fields.object(name).invalid("sleep", `Invalid value: ${seconds}: ${rule}`);
    }
    return action;
  };
  return { ...some("postStart", hook("postStart")), ...some("preStop", hook("preStop")) };
}

function actionOf(parent: Fields, name: string, supported: readonly (keyof Action)[]): Action {
  const fields = parent.object(name);
  const [kind, ...more] = handlers.filter((one) => fields.values[one] !== undefined);
  for (const one of more) {
    fields.invalid(one, "Forbidden: may not specify more than 1 handler type", "FieldValueForbidden");
  }
  if (kind === undefined) {
    parent.invalid(name, "Required value: must specify a handler type", "FieldValueRequired");
    return {};
  }
  const isSupported = supported.some((one) => one === kind);
  if (!isSupported) {
    const message = `Forbidden: devserver does not support ${kind} in ${name}; it does ${supported.join(", ")}`;
    fields.invalid(kind, message, "FieldValueForbidden");
  }
  const inside = fields.object(kind);
  if (kind === "exec") {
    const command = inside.words("command") ?? [];
    if (command.length === 0) inside.invalid("command", "Required value", "FieldValueRequired");
    return { exec: { command } };
  }
  if (kind === "httpGet") return { httpGet: httpGetOf(inside) };
  if (kind === "tcpSocket") return { tcpSocket: { ...hostOf(inside), port: portOf(inside) } };
  return kind === "sleep" ? { sleep: { seconds: inside.integer("seconds") ?? 0 } } : {};
}

function httpGetOf(fields: Fields): HttpGet {
  const port = portOf(fields);
  const scheme = fields.text("scheme") || "HTTP";
  if (scheme !== "HTTP" && scheme !== "HTTPS") {
    const message = `Unsupported value: ${JSON.stringify(scheme)}: supported values: "HTTP", "HTTPS"`;
    fields.invalid("scheme", message, "FieldValueNotSupported");
  }
  const httpHeaders = fields.list("httpHeaders").map((one) => {
    const name = required(one, "name");
    if (name !== "" && !/^[-A-Za-z0-9]+$/.test(name)) {
      const rule =
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
      fields.invalid("httpHeaders", `Invalid value: ${JSON.stringify(name)}: ${rule}`);
    }
    return { name, value: one.text("value") ?? "" };
  });
  return {
    path: fields.text("path") || "/",
    port,
    ...hostOf(fields),
    scheme: scheme === "HTTPS" ? scheme : "HTTP",
    ...(httpHeaders.length > 0 && { httpHeaders }),
  };
}

/** Pods have this machine's loopback, and nobody else's. */
function hostOf(fields: Fields): { readonly host?: string } {
  const host = fields.text("host") ?? "";
  if (host === "") return {};
  if (!["localhost", "127.0.0.1", "::1"].includes(host)) {
    const message = `Invalid value: ${JSON.stringify(host)}: devserver connects to this machine's loopback alone`;
    fields.invalid("host", message);
  }
  return { host };
}

function portOf(fields: Fields): Port {
  const port = fields.values["port"] ?? 0;
  if (typeof port === "string") {
    const invalid = (why: string): void =>
      fields.invalid("port", `Invalid value: ${JSON.stringify(port)}: ${why}`);
    if (port.length > 15) invalid("must be no more than 15 characters");
    if (!/^[-a-z0-9]*$/.test(port)) {
      invalid("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if (!/[a-z]/.test(port)) invalid("must contain at least one letter (a-z)");
    return port;
  }
  const number = fields.integer("port") ?? 0;
  if (number < 1 || number > 65_535) {
    fields.invalid("port", `Invalid value: ${number}: must be between 1 and 65535, inclusive`);
  }
  return number;
}
