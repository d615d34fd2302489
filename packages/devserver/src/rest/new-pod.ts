import { isDeepStrictEqual } from "node:util";
import type { Pod, PodSpec } from "../pods/pod.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt } from "../schema/json.ts";
import { badRequest, type Cause, invalid } from "../status.ts";
import { createFields, type Fields } from "./fields.ts";
import { newMetadata, nextMetadata } from "./metadata.ts";
import { dnsLabel, dnsSubdomain } from "./names.ts";
import { podSpecOf } from "./pod-spec.ts";

/** Makes the Pod to store of the one that was sent: checked, named and with its defaults. */
export function newPod(body: JsonObject, namespace: string): Pod {
  const { fields, causes } = podFields(body);
  const metadata = { ...newMetadata(fields, namespace, dnsSubdomain), namespace };
  const spec = podSpecOf(fields);
  if (causes.length > 0) throw invalid("Pod", metadata.name, causes);
  return { kind: "Pod", apiVersion: "v1", metadata, spec, status: { phase: "Pending", conditions: [] } };
}

const immutable =
  "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** Makes the Pod to store in the place of another: its metadata and its images can change, and nothing else. */
export function updatedPod(before: Pod, body: JsonObject): Pod {
  const { ephemeralContainers, ...sent } = objectAt(body, "spec");
  const { fields, causes } = podFields({ ...body, spec: sent });
  const metadata = nextMetadata(before.metadata, fields);
  const spec: PodSpec = {
    ...podSpecOf(fields),
    ...(ephemeralContainers !== undefined && { ephemeralContainers }),
  };
  if (spec.containers.length !== before.spec.containers.length) {
    fields.object("spec").invalid("containers", "Forbidden: pod updates may not add or remove containers");
  } else {
    const changes = changesOf(before.spec, withImagesOf(before.spec, spec));
    if (changes !== "") fields.invalid("spec", `${immutable}\n${changes}`, "FieldValueForbidden");
  }
  if (causes.length > 0) throw invalid("Pod", metadata.name, causes);
  return { ...before, metadata, spec };
}

/** The Pod with the ephemeral containers of the one that was sent, which can only become more. */
export function withEphemeralContainers(before: Pod, body: JsonObject): Pod {
  const { fields, causes } = podFields({ spec: objectAt(body, "spec") });
  const spec = fields.object("spec");
  const sent = spec.list("ephemeralContainers");
  const taken = before.spec.containers.map(({ name }) => name);
  for (const container of sent) {
    const name = container.text("name") ?? "";
    if (!dnsLabel.matches(name)) {
      container.invalid("name", `Invalid value: ${JSON.stringify(name)}: ${dnsLabel.message}`);
    } else if (taken.includes(name)) {
      container.invalid("name", `Duplicate value: ${JSON.stringify(name)}`, "FieldValueDuplicate");
    }
    if ((container.text("image") ?? "") === "")
      container.invalid("image", "Required value", "FieldValueRequired");
    taken.push(name);
  }
  for (const old of listAt(before.spec, "ephemeralContainers")) {
    const name = textAt(old, "name");
    const now = sent.find(({ values }) => values["name"] === name);
    if (isDeepStrictEqual(now?.values, old)) continue;
    const what = now ? "changed" : "removed";
    const message = `Forbidden: existing ephemeral containers ${JSON.stringify(name)} may not be ${what}`;
    spec.invalid("ephemeralContainers", message, "FieldValueForbidden");
  }
  if (causes.length > 0) throw invalid("Pod", before.metadata.name, causes);
  const containers = { ephemeralContainers: sent.map(({ values }) => values) };
  return { ...before, spec: { ...before.spec, ...containers } };
}

function podFields(body: JsonObject): { readonly fields: Fields; readonly causes: Cause[] } {
  const causes: Cause[] = [];
  const fields = createFields(body, "", { kind: "Pod", causes });
  if (!fields) throw badRequest("the body is not a Pod: it must be a JSON object");
  return { fields, causes };
}

function withImagesOf(before: PodSpec, after: PodSpec): PodSpec {
  const containers = after.containers.map((container, index) => ({
    ...container,
    image: before.containers[index]?.image ?? container.image,
  }));
  return { ...after, containers };
}

/** The fields that differ, as the real server shows them: the old value and the new one. */
function changesOf(before: object, after: object): string {
  const [old, now] = [before, after].map((one): unknown => JSON.parse(JSON.stringify(one)));
  if (!isObject(old) || !isObject(now)) return "";
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => !isDeepStrictEqual(old[name], now[name]))
    .map(
      (name) =>
        `- "${name}": ${JSON.stringify(old[name]) ?? null}\n+ "${name}": ${JSON.stringify(now[name]) ?? null}\n`,
    )
    .join("");
}
