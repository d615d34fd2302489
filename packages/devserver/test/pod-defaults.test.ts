import { expect, test } from "vitest";
import { podsPath } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("idle");

async function created(spec: object) {
  const { status, text } = await served.requests.send("POST", `${podsPath}?dryRun=All`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: served.newName() },
    spec: { containers: [{ name: "main", image: "busybox" }], ...spec },
  });
  expect([status, text]).toEqual([201, text]);
  return JSON.parse(text);
}
const container = (name: string, limits?: object, requests?: object) => ({
  name,
  image: "busybox",
  ...((limits ?? requests) && { resources: { ...(limits && { limits }), ...(requests && { requests }) } }),
});

test.each([
  ["busybox", "Always"],
  ["busybox:latest", "Always"],
  ["registry:5000/busybox", "Always"],
  ["registry:5000/busybox:1", "IfNotPresent"],
  [`x/y@sha256:${"0".repeat(64)}`, "IfNotPresent"],
])("an image %s is pulled %s", async (image, imagePullPolicy) => {
  const { spec } = await created({ containers: [{ name: "main", image }] });
  expect(spec.containers[0]).toMatchObject({ image, imagePullPolicy });
});

const enough = { cpu: "1", memory: "1Gi" };
test.each([
  ["BestEffort", [container("a")]],
  ["BestEffort", [container("a", { "example.com/disk": "1" })]],
  ["BestEffort", [container("a", { cpu: "0" })]],
  ["Burstable", [container("a"), container("b", enough)]],
  ["Burstable", [container("a", { cpu: "1" })]],
  ["Burstable", [container("a", undefined, { memory: "1Gi" })]],
  ["Burstable", [container("a", enough, { cpu: "500m" })]],
  ["Guaranteed", [container("a", enough), container("b", enough, enough)]],
])("its class is %s", async (qosClass, containers) => {
  expect((await created({ containers })).status.qosClass).toBe(qosClass);
});

test("a limit is what is asked for, where nothing else is", async () => {
  const { spec } = await created({ containers: [container("a", enough, { cpu: "500m" })] });
  expect(spec.containers[0].resources.requests).toEqual({ cpu: "500m", memory: "1Gi" });
});

test("what tolerates everything needs no toleration more", async () => {
  const tolerations = [{ operator: "Exists" }];
  expect((await created({ tolerations })).spec.tolerations).toEqual(tolerations);
  const other = { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoSchedule" };
  expect((await created({ tolerations: [other] })).spec.tolerations).toHaveLength(3);
});
