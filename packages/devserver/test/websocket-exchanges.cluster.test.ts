import { Api, createClient, Pod } from "@podwire/client";
import { createPods } from "@podwire/conformance";
import { exchangeSuite } from "@podwire/conformance/exchanges";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { afterAll, beforeAll, describe, test } from "vitest";
import { clusterSecrets } from "./upgraded.ts";

// What devserver is held to, asked of a real cluster.

let pods: ReturnType<typeof createPods>;

beforeAll(async () => {
  const client = createClient(await loadKubeconfig());
  pods = createPods(new Api(Pod, { client }), process.env["PODWIRE_IMAGE"] ?? "local/busybox:1");
});

afterAll(() => pods?.deleteAll());

async function target() {
  const { host, port, ca, cert, key } = await clusterSecrets();
  const secrets = { ca: String(ca), cert: String(cert), key: String(key) };
  return { server: `https://${host}:${port}`, pod: await pods.run("exec sleep 3600"), ...secrets };
}

exchangeSuite("frames of a client", { target }, { describe, test, after: afterAll });
