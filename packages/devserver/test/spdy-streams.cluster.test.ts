import { Api, createClient, Pod } from "@podwire/client";
import { createPods, type TestPods } from "@podwire/conformance";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { afterAll, beforeAll } from "vitest";
import { portForwardSuite } from "./port-forward-suite.ts";
import { spdySuite } from "./spdy-suite.ts";
import { clusterUpgrade, type Upgrade } from "./upgraded.ts";

// What devserver is held to, asked of a real cluster.

const ports = { echo: 7_777, bye: 7_778, nobody: 9 };
let pods: TestPods;
let upgrade: Upgrade;

beforeAll(async () => {
  const client = createClient(await loadKubeconfig());
  const api = new Api(Pod, { client });
  pods = createPods(api, process.env["PODWIRE_IMAGE"] ?? "local/busybox:1");
  const listen = `nc -ll -p ${ports.echo} -e cat & nc -ll -p ${ports.bye} -e echo bye & wait`;
  const name = await pods.run(listen);
  const listens = (port: number): string => `netstat -ltn | grep -q :${port}`;
  // It runs before they listen.
  const command = `until ${listens(ports.echo)} && ${listens(ports.bye)}; do sleep 0.1; done`;
  await api.exec.run(name, { command: ["sh", "-c", command] });
  upgrade = await clusterUpgrade(name);
});

afterAll(() => pods?.deleteAll());

spdySuite({ upgrade: () => upgrade, ports: () => ports });
portForwardSuite({ upgrade: () => upgrade, ports: () => ports });
