import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Api, createClient, Pod } from "@podwire/client";
import { createPods, type TestPods } from "@podwire/conformance";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { afterAll, beforeAll, describe } from "vitest";
import { callRuntime, field } from "./cri-client.ts";
import { runtimeSuite } from "./runtime-suite.ts";

// What devserver is held to, asked of the containerd of a cluster that shows its socket.
const socketPath = join(dirname(process.env["KUBECONFIG"] ?? ""), "containerd.sock");

describe.runIf(existsSync(socketPath))("containerd itself", () => {
  let pods: TestPods;
  let container = "";
  let sandbox = "";

  beforeAll(async () => {
    const client = createClient(await loadKubeconfig());
    const api = new Api(Pod, { client });
    pods = createPods(api, process.env["PODWIRE_IMAGE"] ?? "local/busybox:1");
    const name = await pods.run("sleep 1000");
    const { status } = await api.get(name);
    container = status?.containerStatuses?.[0]?.containerID?.replace(/^.*\/\//, "") ?? "";
    const list = (await callRuntime(socketPath, "ListPodSandbox", new Uint8Array(0))).toString("latin1");
    // The number of each stands before its name.
    sandbox =
      list
        .slice(0, list.indexOf(name))
        .match(/[0-9a-f]{64}/g)
        ?.at(-1) ?? "";
  });

  afterAll(() => pods?.deleteAll());

  const ask = async (method: string, fields: readonly Buffer[]): Promise<string> => {
    const answer = await callRuntime(socketPath, method, Buffer.concat(fields));
    return answer.toString("latin1").replace(/^[^h]*/, "");
  };

  runtimeSuite({
    exec: (command, { tty = false, stdin = false, stdout = false, stderr = false }) =>
      ask("Exec", [
        field(1, container),
        ...command.map((word) => field(2, word)),
        ...[tty, stdin, stdout, stderr].map((one, index) => field(index + 3, one)),
      ]),
    attach: ({ stdin = false, tty = false, stdout = false, stderr = false }) =>
      ask("Attach", [
        field(1, container),
        ...[stdin, tty, stdout, stderr].map((one, index) => field(index + 2, one)),
      ]),
    portForward: (ports) => ask("PortForward", [field(1, sandbox), ...ports.map((port) => field(2, port))]),
  });
});
