import { type JsonObject, listAt, objectAt, textAt } from "../schema/json.ts";
import type { Fields } from "./fields.ts";

/** Gives each Service an address of 10.96.0.0/16, and ports of the node from 30000 on, where nobody listens: only its Pods are reached here. */
export function createServiceCompletion() {
  let last = 1;
  const nextAddress = (): string => {
    last += 1;
    return `10.96.${(last >> 8) & 255}.${last & 255}`;
  };
  let lastNodePort = 29_999;
  const nextNodePort = (): number => {
    lastNodePort = lastNodePort < 32_767 ? lastNodePort + 1 : 30_000;
    return lastNodePort;
  };
  return (fields: Fields, before: JsonObject | undefined): JsonObject => {
    const spec = fields.object("spec");
    const type = spec.text("type") || "ClusterIP";
    const external = type === "ExternalName";
    if (spec.list("ports").length === 0 && !external && spec.text("clusterIP") !== "None") {
      spec.invalid("ports", "Required value", "FieldValueRequired");
    }
    checkPorts(spec.list("ports"));
    const clusterIP = spec.text("clusterIP") || textAt(before, "spec", "clusterIP") || nextAddress();
    const address = {
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
    };
    const opensNode = type === "NodePort" || type === "LoadBalancer";
    const earlier = listAt(before, "spec", "ports").map((port) => objectAt(port));
    const ports = listAt(spec.values, "ports").map((one) => {
      const { nodePort: asked, ...port } = objectAt(one);
      const had = earlier.find((other) => other["port"] === port["port"])?.["nodePort"];
      return {
        protocol: "TCP",
        ...port,
        targetPort: port["targetPort"] || port["port"],
        ...(opensNode && { nodePort: asked || had || nextNodePort() }),
      };
    });
    return {
      ...fields.values,
      spec: {
        ...spec.values,
        ...(ports.length > 0 && { ports }),
        ...(!external && address),
        ...(opensNode && { externalTrafficPolicy: spec.text("externalTrafficPolicy") || "Cluster" }),
        type,
        sessionAffinity: spec.text("sessionAffinity") || "None",
      },
      status: before?.["status"] ?? { loadBalancer: {} },
    };
  };
}

/** Of several ports each has a name, and none is there twice. */
function checkPorts(ports: readonly Fields[]): void {
  const taken = new Set<string>();
  for (const port of ports) {
    const name = port.text("name") ?? "";
    if (name === "" && ports.length > 1) port.invalid("name", "Required value", "FieldValueRequired");
    if (name !== "" && taken.has(name)) {
      port.invalid("name", `Duplicate value: ${JSON.stringify(name)}`, "FieldValueDuplicate");
    }
    taken.add(name);
    const number = port.integer("port") ?? 0;
    if (number >= 1 && number <= 65_535) continue;
    const message = `Invalid value: ${number}: must be between 1 and 65535, inclusive`;
    port.invalid("port", message);
    // The target is the port itself, unless it is another one.
    if (!port.values["targetPort"]) port.invalid("targetPort", message);
  }
}
