import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";

export const namespace = "default";
export const config = new KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
export const api = config.makeApiClient(CoreV1Api);

export const say = (key, value) => console.log(JSON.stringify({ [key]: value }));

/** Runs what is given with a Pod of one container, which is deleted at the end. */
export async function withPod(topic, command, use, container = {}) {
  const body = {
    metadata: { generateName: `client-node-${topic}-` },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image: process.env.PODWIRE_IMAGE, command, ...container }],
    },
  };
  const { name } = (await api.createNamespacedPod({ namespace, body })).metadata;
  try {
    await inPhase(name, ["Running", "Succeeded", "Failed"]);
    await use(name);
  } finally {
    await api.deleteNamespacedPod({ namespace, name });
  }
}

export async function inPhase(name, phases) {
  return until(async () => {
    const { status } = await api.readNamespacedPod({ namespace, name });
    return phases.includes(status?.phase) && status.phase;
  });
}

/** What is answered at last, when that is something. */
export async function until(ask) {
  const limit = AbortSignal.timeout(30_000);
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    await delay(50, undefined, { signal: limit });
  }
}
