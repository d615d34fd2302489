import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createKubectl, type Kubectl, kubectls, losslessOf } from "./kubectl.ts";
import { startBackends } from "./port-backends.ts";

const timeout = 60_000;

describe.each(kubectls)("%s", (program) => {
  let server: DevServer;
  let kubectl: Kubectl;

  beforeEach(async () => {
    server = await createDevServer({ tls: true });
    kubectl = await createKubectl(program, server.kubeconfig(), await losslessOf(program));
    await server.pods.run({ name: "web", image: "busybox", command: ["sleep", "1000"], timeoutMs: 20_000 });
  });

  afterEach(async () => {
    await kubectl.remove();
    await server.close();
  });

  test("F1: without /apis finds no resource at all", { timeout }, async () => {
    const notThere = { kind: "refuse", code: 404, text: "404 page not found\n" } as const;
    using fault = server.faults.add(notThere, { path: "/apis" });
    for (const args of [
      ["get", "pods"],
      ["exec", "web", "--", "true"],
      ["delete", "pod", "web"],
    ]) {
      const { code, text } = await kubectl.run(args);
      const last = "Error from server (NotFound): the server could not find the requested resource\n";
      expect([code, text.slice(-last.length)]).toEqual([1, last]);
    }
    expect(fault.met).toBeGreaterThan(2);
  });

  test("F2: without /openapi cannot explain, and does all else", { timeout }, async () => {
    const fault = server.faults.add({ kind: "refuse", code: 404 }, { path: /^\/openapi\// });
    const folder = await mkdtemp(join(tmpdir(), "podwire-faults-"));
    const copy = join(folder, "copy");
    const command = ["sh", "-c", "echo content >file; echo hi"];
    for (const [args, said] of [
      [["get", "pods", "-o", "name"], "pod/web\n"],
      [["exec", "web", "--", ...command], "hi\n"],
      [["cp", "web:file", copy], ""],
      [["run", "cat", "--image=busybox", "-i", "--restart=Never", "--", "cat"], "spoken\n"],
      [["delete", "pod", "cat", "web", "--now"], ""],
    ] as const) {
      const { code, text } = await kubectl.run(args, { input: "spoken\n" });
      expect([code, text]).toEqual([0, expect.stringContaining(said)]);
    }
    expect([await readFile(copy, "utf8"), fault.met]).toEqual(["content\n", 0]);
    await rm(folder, { recursive: true });
    expect((await kubectl.run(["explain", "pods"])).code).toBe(1);
    expect(fault.met).toBeGreaterThan(0);
  });

  /** Forwards a port, connects to it when told to, and answers with how it has ended. */
  async function forwarded(port: number, connects: boolean) {
    const child = kubectl.start(["port-forward", "web", `:${port}`]);
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += chunk;
    });
    child.stdout?.on("data", (chunk) => {
      const local = /127\.0\.0\.1:(\d+) ->/.exec(String(chunk))?.[1];
      if (connects && local) connect(Number(local), "127.0.0.1").on("error", () => undefined);
    });
    const [code] = await once(child, "close");
    return { code, text };
  }
  /** Its own log, of another goroutine, may come before this or behind it. */
  const lost = expect.stringMatching(/^error: lost connection to pod$/m);

  test("E16: loses a tunnel in which a port is refused", { timeout }, async () => {
    const backends = await startBackends();
    backends.close();
    const { code, text } = await forwarded(backends.ports.nobody, true);
    expect([code, text]).toEqual([1, lost]);
    expect(text).toMatch(
      /an error occurred forwarding \d+ -> \d+: error forwarding port \d+ to pod [0-9a-f]{64}, uid : .*connection refused/,
    );
  });

  test.for([0, 1])("E20: loses a tunnel that is closed behind %i messages", { timeout }, async (count) => {
    const fault = server.faults.add(
      { kind: "close", code: 1000, afterFrames: count },
      { subresource: "portforward" },
    );
    const backends = await startBackends();
    const { code, text } = await forwarded(backends.ports.echo, count > 0);
    backends.close();
    expect([code, text, fault.met]).toEqual([1, lost, 1]);
    expect(server.sessions.all.map(({ transport }) => transport)).toEqual(["tunnel"]);
  });
});
