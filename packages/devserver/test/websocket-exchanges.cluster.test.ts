import { Api, createClient, Pod } from "@podwire/client";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { createPods, type TestPods } from "@podwire/tools-conformance/pods";
import { afterAll, beforeAll, describe } from "vitest";
import { testExchanges } from "./exchanges.ts";
import { clusterUpgrade, type Upgrade } from "./upgraded.ts";

// What devserver is held to, asked of a real cluster.

let pods: TestPods;
let upgrade: Upgrade;

beforeAll(async () => {
  const client = createClient(await loadKubeconfig());
  pods = createPods(new Api(Pod, { client }), process.env["PODWIRE_IMAGE"] ?? "local/busybox:1");
  upgrade = await clusterUpgrade(await pods.run("exec sleep 3600"));
});

afterAll(() => pods?.deleteAll());

describe("frames of a client", () => {
  testExchanges(() => upgrade, "in steps");
});
