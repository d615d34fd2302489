import { isDeepStrictEqual } from "node:util";
import type { ContainerSpec, Pod, PodSpec } from "../pods/pod.ts";
import { foreignConditionsOf } from "../pods/pod-conditions.ts";
import { isObject, type JsonObject, objectAt } from "../schema/json.ts";
import { badRequest, type Cause, invalid } from "../status.ts";
import { createFields, type Fields } from "./fields.ts";
import { newMetadata, nextMetadata } from "./metadata.ts";
import { dnsSubdomain } from "./names.ts";
import { withEntries } from "./patch/managed-fields.ts";
import { admitPod } from "./pod-admission.ts";
import { qosClassOf } from "./pod-resources.ts";
import { containerOf, podSpecOf } from "./pod-spec.ts";
import { required, some } from "./some.ts";

/** Makes the Pod to store of the one that was sent: checked, named and with its defaults. */
export function newPod(body: JsonObject, namespace: string): Pod {
  const { fields, causes } = podFields(body);
  admitPod(fields);
  const metadata = { ...newMetadata(fields, namespace, dnsSubdomain), namespace, generation: 1 };
  const spec = podSpecOf(fields);
  if (causes.length > 0) throw invalid("Pod", metadata.name, causes);
  const status = { phase: "Pending", qosClass: qosClassOf(spec) } as const;
  return { kind: "Pod", apiVersion: "v1", metadata, spec, status };
}

const immutable =
  "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** Makes the Pod to store in the place of another: its metadata and its images can change, and nothing else. */
export function updatedPod(before: Pod, body: JsonObject): Pod {
  const { ephemeralContainers: _ephemeralContainers, ...sent } = objectAt(body, "spec");
  const ephemeralContainers = ephemeralOf(podFields({ spec: objectAt(body, "spec") }).fields, before.spec);
  const { fields, causes } = podFields({ ...body, spec: sent });
  const metadata = nextMetadata(before.metadata, fields);
  const spec: PodSpec = {
    ...podSpecOf(fields),
    ...(ephemeralContainers.length > 0 && { ephemeralContainers }),
  };
  const differs = (["containers", "initContainers"] as const).filter(
    (list) => spec[list]?.length !== before.spec[list]?.length,
  );
  for (const list of differs) {
    fields.object("spec").invalid(list, "Forbidden: pod updates may not add or remove containers");
  }
  if (differs.length === 0) {
    const changes = changesOf(before.spec, withImagesOf(before.spec, spec));
    if (changes !== "") fields.invalid("spec", `${immutable}\n${changes}`, "FieldValueForbidden");
  }
  if (causes.length > 0) throw invalid("Pod", metadata.name, causes);
  return nextGeneration(before, { ...before, metadata, spec });
}

/**
 * The Pod with what was sent as its status: its labels, annotations and conditions that are not the kubelet's, which
 * knows better of everything else.
 */
export function withConditions(before: Pod, body: JsonObject): Pod {
  const { fields, causes } = podFields({
    // Who manages an object is not for a part of it to say.
    metadata: withEntries(objectAt(body, "metadata")),
    status: objectAt(body, "status"),
  });
  const metadata = nextMetadata(before.metadata, fields);
  const sent = fields
    .object("status")
    .list("conditions")
    .map((one) => ({
      lastProbeTime: null,
      ...some("lastTransitionTime", one.text("lastTransitionTime")),
      ...some("message", one.text("message")),
      ...some("observedGeneration", one.integer("observedGeneration")),
      ...some("reason", one.text("reason")),
      status: required(one, "status"),
      type: required(one, "type"),
    }));
  if (causes.length > 0) throw invalid("Pod", metadata.name, causes);
  const foreign = foreignConditionsOf({ ...before, status: { ...before.status, conditions: sent } });
  const own = before.status.conditions?.filter((one) => !foreignConditionsOf(before).includes(one));
  return { ...before, metadata, status: { ...before.status, conditions: [...foreign, ...(own ?? [])] } };
}

/** The Pod with the ephemeral containers of the one that was sent, which can only become more. */
export function withEphemeralContainers(before: Pod, body: JsonObject): Pod {
  const { fields, causes } = podFields({ spec: objectAt(body, "spec") });
  const spec = fields.object("spec");
  const taken = [...(before.spec.initContainers ?? []), ...before.spec.containers].map(({ name }) => name);
  const sent = spec.list("ephemeralContainers").map((one) => {
    const container = containerOf(one, "ephemeral", before.spec);
    const message = `Duplicate value: ${JSON.stringify(container.name)}`;
    if (taken.includes(container.name)) one.invalid("name", message, "FieldValueDuplicate");
    taken.push(container.name);
    return container;
  });
  for (const old of before.spec.ephemeralContainers ?? []) {
    const now = sent.find(({ name }) => name === old.name);
    if (isDeepStrictEqual(now, old)) continue;
    const what = now ? "changed" : "removed";
    const message = `Forbidden: existing ephemeral containers ${JSON.stringify(old.name)} may not be ${what}`;
    spec.invalid("ephemeralContainers", message, "FieldValueForbidden");
  }
  if (causes.length > 0) throw invalid("Pod", before.metadata.name, causes);
  return nextGeneration(before, { ...before, spec: { ...before.spec, ephemeralContainers: sent } });
}

/** What is to be done is another thing now, if it is. */
function nextGeneration(before: Pod, pod: Pod): Pod {
  if (isDeepStrictEqual(pod.spec, before.spec)) return pod;
  return { ...pod, metadata: { ...pod.metadata, generation: before.metadata.generation + 1 } };
}

function ephemeralOf(pod: Fields, inPod: PodSpec): ContainerSpec[] {
  return pod
    .object("spec")
    .list("ephemeralContainers")
    .map((one) => containerOf(one, "ephemeral", inPod));
}

function podFields(body: JsonObject): { readonly fields: Fields; readonly causes: Cause[] } {
  const causes: Cause[] = [];
  const fields = createFields(body, "", { kind: "Pod", causes });
  if (!fields) throw badRequest("the body is not a Pod: it must be a JSON object");
  return { fields, causes };
}

function withImagesOf(before: PodSpec, after: PodSpec): PodSpec {
  const imagesOf = (now: readonly ContainerSpec[], old: readonly ContainerSpec[] = []) =>
    now.map((one, index) => ({ ...one, image: old[index]?.image ?? one.image }));
  const { initContainers } = after;
  return {
    ...after,
    ...(initContainers && { initContainers: imagesOf(initContainers, before.initContainers) }),
    containers: imagesOf(after.containers, before.containers),
  };
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
