import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { podsPath } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("fields");
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The names in the row of the README's table of fields. */
function listed(row: string): string[] {
  const [, cell = ""] = new RegExp(`^\\| ${row} +\\|(.*)\\|$`, "m").exec(readme) ?? [];
  return [...cell.matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => name);
}

const kept: Readonly<Record<string, unknown>> = {
  nodeSelector: { disk: "fast" },
  affinity: { nodeAffinity: {} },
  tolerations: [{ operator: "Exists" }],
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }],
  schedulerName: "another",
  serviceAccountName: "robot",
  imagePullSecrets: [{ name: "registry" }],
  hostNetwork: true,
  hostPID: true,
  shareProcessNamespace: true,
  hostname: "other",
  hostAliases: [{ ip: "127.0.0.1", hostnames: ["other"] }],
  dnsPolicy: "ClusterFirst",
};
const keptOfContainers: Readonly<Record<string, unknown>> = {
  imagePullPolicy: "Always",
  securityContext: { runAsUser: 1_000, readOnlyRootFilesystem: true },
  resources: { limits: { memory: "1Mi" }, requests: { memory: "1Mi" } },
  terminationMessagePolicy: "FallbackToLogsOnError",
};
const refused: Readonly<Record<string, unknown>> = { activeDeadlineSeconds: 1 };
const refusedOfContainers: Readonly<Record<string, unknown>> = {
  volumeDevices: [{ name: "disk", devicePath: "/dev/disk" }],
  restartPolicyRules: [{ action: "Restart" }],
  "lifecycle.stopSignal": { lifecycle: { stopSignal: "SIGUSR1" } },
  grpc: { readinessProbe: { grpc: { port: 1 } } },
};

async function create(spec: object, container: object) {
  const name = served.newName();
  const { status, text } = await served.requests.send("POST", `${podsPath}?dryRun=All`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { ...spec, containers: [{ name: "main", image: "busybox", ...container }] },
  });
  return { status, body: JSON.parse(text) };
}

describe("a field of a Pod", () => {
  test("is in the README's list if it is in this one", () => {
    expect(listed("kept, and without effect here").sort()).toEqual(
      [...Object.keys(kept), ...Object.keys(keptOfContainers)].sort(),
    );
    expect(listed("refused with 422, rather than ignored").sort()).toEqual(
      [...Object.keys(refused), ...Object.keys(refusedOfContainers)].sort(),
    );
  });

  test.each(Object.entries(kept))("%s is kept", async (name, value) => {
    const { status, body } = await create({ [name]: value }, {});
    expect([status, body.spec?.[name]]).toEqual([201, value]);
  });

  test.each(Object.entries(keptOfContainers))("%s of a container is kept", async (name, value) => {
    const { status, body } = await create({}, { [name]: value });
    expect([status, body.spec?.containers[0][name]]).toEqual([201, value]);
  });

  test.each(Object.entries(refused))("%s is refused", async (name, value) => {
    const { status, body } = await create({ [name]: value }, {});
    expect([status, body.details?.causes[0]?.field]).toEqual([422, `spec.${name}`]);
  });

  test.each(Object.entries(refusedOfContainers))("%s of a container is refused", async (name, value) => {
    const { status, body } = await create(
      {},
      /stopSignal|grpc/.test(name) ? Object(value) : { [name]: value },
    );
    expect([status, body.details?.causes[0]?.field]).toEqual([422, expect.stringContaining(name)]);
  });
});
