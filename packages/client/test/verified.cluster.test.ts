import { loadKubeconfig } from "@podwire/kubeconfig";
import { describe, expect, test } from "vitest";
import type { RunOptions } from "../src/index.ts";
import { useCluster } from "./cluster.ts";

// What a real cluster makes of stdin that nobody reads, and what verified commands leave behind in a container.

const v5 = { protocols: ["v5.channel.k8s.io"] };
const v4 = { protocols: ["v4.channel.k8s.io"] };
const verify = true;

let name: string;

const cluster = useCluster(loadKubeconfig, async ({ pods }) => {
  // A first process that waits for no other, so that whatever is left stays to be seen.
  name = await pods.run("exec sleep 3600");
});

describe("stdin that the command leaves unread", () => {
  const mebibyte = 1_048_576;
  // It ends when the server has no more room for what it does not read: what it reads first shows that more comes.
  const command = ["sh", "-c", "head -c 524288 >/dev/null; sleep 0.5; echo words; exit 3"];

  test.for([mebibyte, 20 * mebibyte])("is no hindrance to a verified run: %d bytes", async (length) => {
    const stdin = new Uint8Array(length);
    const { exitCode, exit, stdout } = await cluster.api.exec.run(name, { command, stdin, verify });
    expect([exitCode, exit.complete, stdout.text()]).toEqual([3, "proven", "words\n"]);
  });

  test("keeps the server from saying how any other run ended, until its time is over", async () => {
    const stdin = new Uint8Array(mebibyte);
    await expect(cluster.api.exec.run(name, { command, stdin, timeoutMs: 20_000 })).rejects.toMatchObject({
      code: "TIMEOUT",
      result: {
        exit: { kind: "timedOut", complete: "incomplete" },
        stdout: { bytes: new TextEncoder().encode("words\n") },
      },
    });
  });

  test.for([
    ["v5", v5],
    ["v4", v4],
  ] as const)("does not keep a session from being closed over %s", async ([, protocol]) => {
    const session = await cluster.api.exec.stream(name, { command, stdin: true, ...protocol });
    await session.stdin.write(new Uint8Array(mebibyte));
    await session.stdout.until("words\n", { timeoutMs: 20_000 });
    await session.close();
    expect(await session.exited).toMatchObject({ kind: "detached" });
  });
});

test("a verified command leaves no process behind", async () => {
  const processes = async () => {
    const { stdout } = await cluster.api.exec.run(name, { command: ["sh", "-c", "ls -d /proc/[0-9]*"] });
    return stdout.text().split("\n").length;
  };
  const before = await processes();
  const run = async (options: Partial<RunOptions>) => {
    const { exit } = await cluster.api.exec.run(name, {
      command: ["sh", "-c", "cat; exit 3"],
      ...options,
      verify,
    });
    expect(exit).toMatchObject({ kind: "exited", code: 3, complete: "proven" });
  };
  for (let round = 0; round < 5; round += 1) {
    await Promise.all([run(v5), run(v4), run({ ...v5, stdin: "words" }), run({ stdin: "words" })]);
  }
  await expect.poll(processes, { timeout: 20_000 }).toBeLessThanOrEqual(before);
});
