import { cpus, release, totalmem } from "node:os";
import { nodeName } from "../pods/node-name.ts";
import { timestamp } from "../pods/pod.ts";
import type { JsonObject } from "../schema/json.ts";
import { machine } from "./version.ts";

/** The one node: this machine, always ready. */
export function newNode(gitVersion: string): JsonObject {
  const now = timestamp();
  const labels = {
    "kubernetes.io/arch": machine.arch,
    "kubernetes.io/hostname": nodeName,
    "kubernetes.io/os": machine.os,
  };
  const resources = {
    cpu: String(cpus().length),
    memory: `${Math.floor(totalmem() / 1_024)}Ki`,
    pods: "110",
  };
  const ready = {
    type: "Ready",
    status: "True",
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason: "KubeletReady",
    message: "kubelet is posting ready status",
  };
  return {
    metadata: { name: nodeName, labels },
    spec: {},
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [ready],
      addresses: [
        { type: "InternalIP", address: "127.0.0.1" },
        { type: "Hostname", address: nodeName },
      ],
      nodeInfo: {
        machineID: "",
        systemUUID: "",
        bootID: "",
        kernelVersion: release(),
        osImage: `${machine.os} ${release()}`,
        containerRuntimeVersion: `devserver://${gitVersion.slice(1)}`,
        kubeletVersion: gitVersion,
        kubeProxyVersion: "",
        operatingSystem: machine.os,
        architecture: machine.arch,
      },
    },
  };
}
