import { Api, createClient, Pod } from "@podwire/client";
import { loadKubeconfig } from "@podwire/kubeconfig";
import type { Target } from "./target.ts";

/** Starts a Pod that only sleeps, hands it over, and deletes it. */
export async function withClusterPod(
  kubeconfig: string,
  image: string,
  run: (target: Target) => Promise<void>,
): Promise<void> {
  const client = createClient(await loadKubeconfig({ path: kubeconfig }));
  try {
    const pods = new Api(Pod, { client });
    const { metadata } = await pods.create({
      metadata: { generateName: "bench-" },
      spec: {
        containers: [{ name: "main", image, command: ["sleep", "86400"] }],
        terminationGracePeriodSeconds: 0,
      },
    });
    const { name: pod, namespace = client.namespace } = metadata;
    try {
      await pods.waitFor(pod, ({ status }) => status?.phase === "Running");
      await run({ at: { kubeconfig }, namespace, pod, container: "main" });
    } finally {
      await pods.delete(pod);
    }
  } finally {
    await client.close();
  }
}
