import { createDevServer, type DevServer, type Personality } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rest } from "./faults-wire.ts";
import { createKubectl, type Kubectl, kubectls, losslessOf } from "./kubectl.ts";
import { createRequests, shell } from "./requests.ts";
import { answerTo, headOf, upgradeRequest, v4, v5 } from "./sessions.ts";
import { devServerUpgrade } from "./upgraded.ts";

const exec = "exec?command=true&stdout=true";
const protocol = (...names: string[]) => ({ "Sec-WebSocket-Protocol": names.join(", ") });
const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);

/** A server with one Pod that runs and one that has ended. */
async function start(personality: Personality, tls = false): Promise<DevServer> {
  const server = await createDevServer({ personality, tls });
  if (tls) return server;
  const requests = createRequests(server);
  await requests.run("web", shell("sleep 1000"));
  await requests.create("done", shell("exit 0"));
  await requests.until("done", ({ status }) => status.phase === "Succeeded");
  return server;
}

describe.each(["1.20", "1.29"] as const)("Kubernetes %s", (personality) => {
  let server: DevServer;
  beforeAll(async () => {
    server = await start(personality);
  });
  afterAll(() => server.close());

  test("has its version, and so has its node", async () => {
    const { send } = createRequests(server);
    expect(JSON.parse((await send("GET", "/version")).text)).toMatchObject({
      minor: personality.slice(2),
      gitVersion: `v${personality}.0+podwire`,
    });
    for (const path of ["/openapi/v2", "/openapi/v3/api/v1"]) {
      const { info } = JSON.parse((await send("GET", path)).text);
      expect(info).toEqual({ title: "Kubernetes", version: `v${personality}.0+podwire` });
    }
    const node = JSON.parse((await send("GET", "/api/v1/nodes/devserver")).text);
    expect(node.status.nodeInfo.kubeletVersion).toBe(`v${personality}.0+podwire`);
  });

  test("does not know v5", async () => {
    expect(await answerTo(server, upgradeRequest(server, `web/${exec}`))).toBe(
      "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n",
    );
    const head = await headOf(server, upgradeRequest(server, `web/${exec}`, protocol(v5, v4)));
    expect(head).toMatch(/^HTTP\/1.1 101 [\s\S]*\r\nSec-WebSocket-Protocol: v4.channel.k8s.io$/);
  });

  test("knows no tunnels", async () => {
    const request = upgradeRequest(
      server,
      "web/portforward?ports=80",
      protocol("SPDY/3.1+portforward.k8s.io"),
    );
    expect(await answerTo(server, request)).toMatch(/^HTTP\/1.1 403 /);
  });
});

describe.each(["1.30", "1.35"] as const)("Kubernetes %s", (personality) => {
  let server: DevServer;
  beforeAll(async () => {
    server = await start(personality);
  });
  afterAll(() => server.close());
  const upgrade = (pod: string, target: string, name: string) =>
    devServerUpgrade(() => server, pod)(target, protocol(name));

  test("has schemas of its version", async () => {
    const { send } = createRequests(server);
    for (const path of ["/openapi/v2", "/openapi/v3/api/v1"]) {
      const { info } = JSON.parse((await send("GET", path)).text);
      expect(info.version).toBe(personality === "1.30" ? "v1.30.0+podwire" : "1.35");
    }
  });

  test.for([
    // The first message, the Status and Close 1000.
    ["done", exec, "820101", 'container not found (\\"main\\")'],
    ["done", "attach?stderr=true", "820102", "container main not found in pod done_default"],
    ["web", "exec?command=true", "820103", "you must specify at least 1 of stdin, stdout, stderr"],
  ] as const)("says behind the 101 what the kubelet refuses: %s/%s", async ([pod, target, first, why]) => {
    const said = `unable to upgrade connection: ${why}`;
    const status = `{"metadata":{},"status":"Failure","message":"Internal error occurred: ${said}","reason":"InternalError","details":{"causes":[{"message":"${said}"}]},"code":500}`;
    const { hex } = await rest(await upgrade(pod, target, v5));
    expect([hex.slice(0, 6), hex.slice(-8)]).toEqual([first, "880203e8"]);
    // A head of 4 bytes: it is longer than 125.
    expect(Buffer.from(hex.slice(14, -8), "hex").toString()).toBe(`\x03${status}`);
  });

  test("has runtimes that write metadata into a status", async () => {
    const { hex } = await rest(await upgrade("web", exec, v4));
    // The first message, {"metadata":{},"status":"Success"} and Close 1000.
    expect(hex).toBe(
      "8201018223037b226d65746164617461223a7b7d2c22737461747573223a2253756363657373227d880203e8",
    );
  });

  test("says before the 101 what the API server refuses, and to v4 everything", async () => {
    await expect(upgrade("none", exec, v5)).rejects.toThrow('pods \\"none\\" not found');
    await expect(upgrade("web", `${exec}&container=other`, v5)).rejects.toThrow(
      "container other is not valid",
    );
    await expect(upgrade("done", exec, v4)).rejects.toThrow(
      /^HTTP\/1.1 500 [\s\S]*\r\n\r\ncontainer not found \("main"\)$/,
    );
  });
});

test.for([
  ["1.30", "403"],
  ["1.31", "101"],
  ["1.36", "101"],
] as const)("Kubernetes %s answers a tunnel with %s", async ([personality, code]) => {
  await using server = await start(personality);
  const request = upgradeRequest(server, "web/portforward", protocol("SPDY/3.1+portforward.k8s.io"));
  // Without the tunnel it is a port-forward over channels, which needs its ports.
  const asked = personality === "1.30" ? request.replace("portforward ", "portforward?ports=80 ") : request;
  expect((await headOf(server, asked)).slice(9, 12)).toBe(code);
});

test.for([
  ["1.34", "101"],
  ["1.35", "403"],
] as const)(
  "Kubernetes %s answers a GET of somebody who may not create with %s",
  async ([personality, code]) => {
    await using server = await start(personality);
    server.faults.add({ kind: "deny", verbs: ["create"], resources: ["pods/exec"] });
    expect((await headOf(server, upgradeRequest(server, `web/${exec}`))).slice(9, 12)).toBe(code);
  },
);

test("Kubernetes 1.36 and later say everything that is refused before the 101", async () => {
  await using server = await start("1.40");
  const answer = await answerTo(server, upgradeRequest(server, `done/${exec}`));
  expect([answer.slice(9, 12), bodyOf(answer)]).toEqual(["500", 'container not found ("main")']);
});

describe.each(kubectls)("%s", (program) => {
  test.for(["1.29", "1.33", "1.36"] as const)(
    "works with Kubernetes %s, and knows it",
    { timeout: 60_000 },
    async (personality) => {
      await using server = await start(personality, true);
      const variables = await losslessOf(program);
      const kubectl: Kubectl = await createKubectl(program, server.kubeconfig(), variables);
      const run = async (...args: string[]): Promise<string> => (await kubectl.run(args)).text;
      await run("run", "web", "--image=busybox", "--restart=Never", "--", "sleep", "1000");
      await run("wait", "--for=condition=Ready", "pod/web", "--timeout=20s");
      expect(await run("version")).toContain(`Server Version: v${personality}.0+podwire`);
      const said = await run("exec", "web", "--", "sh", "-c", "echo out; exit 3");
      // There may be lines of kubectl's own log beside these.
      expect(said).toMatch(/^out$/m);
      expect(said).toMatch(/^command terminated with exit code 3$/m);
      expect(await run("exec", "web", "--", "nothing")).toContain("executable file not found in $PATH");
      await kubectl.remove();
    },
  );
});

test.for([
  [{ personality: "2.0" }, "personality must be a version from 1.20 on"],
  [{ personality: "1.19" }, "personality must be a version from 1.20 on"],
  [{ personality: 1.3 }, "personality must be a version"],
  [{ idleMs: -1 }, "idleMs must be an integer of at least 0"],
] as const)("%j is refused", async ([options, message]) => {
  await expect(Reflect.apply(createDevServer, undefined, [options])).rejects.toThrow(message);
});
