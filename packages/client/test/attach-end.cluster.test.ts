import { describe, expect, test } from "vitest";
import { Api, createClient, Pod } from "../src/index.ts";
import { echo, shell, useCluster } from "./cluster.ts";

const cluster = useCluster();
/** A busy kubelet takes its time to write the end down. */
const exitTimeoutMs = 60_000;

describe("the end of an attached process", () => {
  test("is a lack of memory where the kernel says so", async () => {
    const name = await cluster.create({
      containers: [
        shell("read -r line; tail /dev/zero", { stdin: true, resources: { limits: { memory: "20Mi" } } }),
      ],
    });
    const session = await cluster.api.attach.stream(name, { stdin: true, exitTimeoutMs });
    await session.stdin.write("go\n");
    const exit = await session.exited;
    const { status } = await cluster.api.get(name);
    // The runtime tells the end and the lack of memory side by side: a kubelet may have read the one without the other.
    const oomKilled = status?.containerStatuses?.[0]?.state?.terminated?.reason === "OOMKilled";
    expect(exit).toMatchObject({ kind: "signalled", signal: 9, source: "pod-status", oomKilled });
  });

  test("is its own, and not that of the one that was started after it", async () => {
    const name = await cluster.create({
      restartPolicy: "Always",
      containers: [shell("read -r line; exit 5", { stdin: true })],
    });
    const session = await cluster.api.attach.stream(name, { stdin: true, exitTimeoutMs });
    await session.stdin.write("go\n");
    expect(await session.exited).toMatchObject({ kind: "exited", code: 5, source: "pod-status" });
  });

  test("is found while the Pod is being deleted", async () => {
    const name = await cluster.create({
      containers: [shell("trap 'exit 8' TERM; while :; do echo ready; sleep 0.1; done", { stdin: true })],
      terminationGracePeriodSeconds: 5,
    });
    const session = await cluster.api.attach.stream(name, { exitTimeoutMs });
    await session.stdout.until("ready", { timeoutMs: 10_000 });
    await cluster.api.waitFor(name, ({ status }) => status?.phase === "Running");
    await cluster.api.delete(name, { gracePeriodSeconds: 5 });
    expect(await session.exited).toMatchObject({ kind: "exited", code: 8, source: "pod-status" });
  });

  test.each([
    ["stdin without stdinOnce", { stdin: true }],
    ["a terminal", { stdin: true, tty: true }],
  ])("is a detachment soon after stdin has ended, of a container with %s", async (_what, container) => {
    const name = await cluster.create({ containers: [shell(echo, container)] });
    const asked: string[] = [];
    const { fetch = globalThis.fetch } = cluster.config;
    // Closed with the cluster's own, whose connections it uses.
    const client = createClient({
      ...cluster.config,
      fetch(url, init) {
        asked.push(String(url));
        return fetch(url, init);
      },
    });
    const pods = new Api(Pod, { client });
    await using session = await pods.attach.stream(name, { stdin: true, exitTimeoutMs });
    await session.stdin.write("one\n");
    await session.stdout.until("one", { timeoutMs: 10_000 });
    asked.length = 0;
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "detached" });
    // The runtime itself has said so; to ask the Pod takes 2.5 s.
    expect(asked).toEqual([]);
  });

  test("is the exit code, and no detachment, of a process that ends in the same moment", async () => {
    // It says nothing: a real server may lose the last words of a process.
    const name = await cluster.create({ containers: [shell("read -r line; exit 6", { stdin: true })] });
    await using session = await cluster.api.attach.stream(name, { stdin: true, exitTimeoutMs });
    await session.stdin.write("go\n");
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "exited", code: 6 });
  });
});
