import { createPods, type TestPods } from "@podwire/conformance";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { afterAll, beforeAll } from "vitest";
import { Api, type Client, type ClientConfig, createClient, Pod } from "../src/index.ts";

export type Spec = NonNullable<Pod["spec"]>;
export type Container = Spec["containers"][number];

/** The cluster of a kubeconfig, for the tests of a file. */
export interface Cluster {
  readonly config: ClientConfig;
  readonly client: Client;
  readonly api: Api<Pod>;
  readonly pods: TestPods;
  /** Creates a Pod of any sort, which is deleted with the others; answers with its name. */
  create(spec: Spec, metadata?: Pod["metadata"]): Promise<string>;
}

const image = process.env["PODWIRE_IMAGE"] ?? "local/busybox:1";

/** Connects to it before the tests of a file; behind them deletes their Pods and closes the client. */
export function useCluster(
  load: () => Promise<ClientConfig> = loadKubeconfig,
  before: (cluster: Cluster) => Promise<void> = async () => undefined,
): Cluster {
  const names: string[] = [];
  let begun: Omit<Cluster, "create"> | undefined;
  const connected = (): Omit<Cluster, "create"> => {
    if (!begun) throw new Error("the cluster is there while tests run, and not before");
    return begun;
  };
  const cluster: Cluster = {
    get config() {
      return connected().config;
    },
    get client() {
      return connected().client;
    },
    get api() {
      return connected().api;
    },
    get pods() {
      return connected().pods;
    },
    async create(spec, metadata = {}) {
      const pod = await cluster.api.create({
        metadata: { generateName: "podwire-test-", ...metadata },
        spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, ...spec },
      });
      names.push(pod.metadata.name);
      return pod.metadata.name;
    },
  };
  beforeAll(async () => {
    const config = await load();
    const client = createClient(config);
    const api = new Api(Pod, { client });
    begun = { config, client, api, pods: createPods(api, image) };
    await before(cluster);
  });
  afterAll(async () => {
    if (!begun) return;
    const { api, client, pods } = begun;
    await Promise.all(
      names.map((name) => api.delete(name, { gracePeriodSeconds: 0 }).catch(() => undefined)),
    );
    await pods.deleteAll();
    await client.close();
  });
  return cluster;
}

/** A container of the test image that runs a line of shell. */
export const shell = (script: string, more: Partial<Container> = {}): Container => ({
  name: "main",
  image,
  // Kubernetes turns $$ in a command into $.
  command: ["sh", "-c", script.replaceAll("$$", () => "$$$$")],
  ...more,
});

/** A command that repeats its lines. */
export const echo = "while read -r line; do echo $line; done";
