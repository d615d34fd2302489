import type { ContainerSpec, PodSpec } from "../pods/pod.ts";
import { type JsonObject, objectAt } from "../schema/json.ts";
import type { Fields } from "./fields.ts";

/** What a real server fills into the spec of a Pod, admission included, besides what devserver itself reads. */
export function podDefaultsOf(fields: Fields): Partial<PodSpec> {
  const { values } = fields;
  return {
    dnsPolicy: fields.text("dnsPolicy") || "ClusterFirst",
    enableServiceLinks: values["enableServiceLinks"] === undefined || fields.flag("enableServiceLinks"),
    preemptionPolicy: fields.text("preemptionPolicy") || "PreemptLowerPriority",
    priority: fields.integer("priority") ?? 0,
    schedulerName: fields.text("schedulerName") || "default-scheduler",
    tolerations: tolerationsOf(fields),
  };
}

/** What a real server fills into a container, by its image too. */
export function containerDefaultsOf(fields: Fields, image: string): Partial<ContainerSpec> {
  const resources = fields.object("resources").values;
  const limits = objectAt(resources, "limits");
  const requests = { ...limits, ...objectAt(resources, "requests") };
  return {
    imagePullPolicy: fields.text("imagePullPolicy") || pullPolicyOf(image),
    resources: { ...resources, ...(Object.keys(requests).length > 0 && { requests }) },
    terminationMessagePath: fields.text("terminationMessagePath") || "/dev/termination-log",
    terminationMessagePolicy: fields.text("terminationMessagePolicy") || "File",
  };
}

/** A tag that moves is pulled again; a digest, or any other tag, names one image. */
function pullPolicyOf(image: string): string {
  const name = image.slice(image.lastIndexOf("/") + 1);
  if (name.includes("@")) return "IfNotPresent";
  const tag = name.split(":")[1] ?? "latest";
  return tag === "latest" ? "Always" : "IfNotPresent";
}

function tolerationsOf(fields: Fields): readonly object[] {
  const sent = fields.list("tolerations");
  const isTolerated = (key: string): boolean =>
    sent.some(
      (one) =>
        [key, ""].includes(one.text("key") ?? "") && ["NoExecute", ""].includes(one.text("effect") ?? ""),
    );
  const added = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    .filter((key) => !isTolerated(key))
    .map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }));
  return [...sent.map(({ values }) => values), ...added];
}

/** How well the resources of a Pod are kept for it; quantities are compared as they are written. */
export function qosClassOf({
  initContainers = [],
  containers,
}: PodSpec): "BestEffort" | "Burstable" | "Guaranteed" {
  const all = [...initContainers, ...containers].map(({ resources = {} }) => resources);
  const quantityOf = (resources: JsonObject, list: string, name: string): string | undefined => {
    const quantity = objectAt(resources, list)[name];
    // None at all is what a quantity of zero is.
    return quantity === undefined || /^[0.]+\D*$/.test(String(quantity)) ? undefined : String(quantity);
  };
  const names = ["cpu", "memory"];
  const isAsked = (one: JsonObject) =>
    names.some((name) => quantityOf(one, "requests", name) ?? quantityOf(one, "limits", name));
  if (!all.some(isAsked)) return "BestEffort";
  const isKept = (one: JsonObject) =>
    names.every((name) => {
      const limit = quantityOf(one, "limits", name);
      return limit !== undefined && quantityOf(one, "requests", name) === limit;
    });
  return all.every(isKept) ? "Guaranteed" : "Burstable";
}
