import type { ContainerSpec, PodSpec } from "../pods/pod.ts";
import type { Fields } from "./fields.ts";
import { priorityOf } from "./pod-admission.ts";
import { resourcesOf } from "./pod-resources.ts";

/** What a real server fills into the spec of a Pod, admission included, besides what devserver itself reads. */
export function podDefaultsOf(fields: Fields): Partial<PodSpec> {
  const { values } = fields;
  return {
    dnsPolicy: fields.text("dnsPolicy") || "ClusterFirst",
    enableServiceLinks: values["enableServiceLinks"] === undefined || fields.flag("enableServiceLinks"),
    ...priorityOf(fields),
    schedulerName: fields.text("schedulerName") || "default-scheduler",
    tolerations: tolerationsOf(fields),
  };
}

/** What a real server fills into a container, by its image too. */
export function containerDefaultsOf(fields: Fields, image: string): Partial<ContainerSpec> {
  return {
    imagePullPolicy: fields.text("imagePullPolicy") || pullPolicyOf(image),
    resources: resourcesOf(fields),
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
