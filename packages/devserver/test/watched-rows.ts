import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { expect } from "vitest";
import type { Kubectl } from "./kubectl.ts";
import type { KubectlServer } from "./kubectl-comparison.ts";

const image = "local/busybox:1";
const script = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
/** A kubelet tells only the newest of what it has not told yet, and this may not be it. */
const passing = "NAME-b 0/1 ContainerCreating 0";
const options = [`--image=${image}`, "--image-pull-policy=Never", "--restart=Never"];

/** Watches Pods: first those that are there, under a header; then a row for each change of one that comes, ends and goes. */
export async function watchedRows(server: KubectlServer, kubectl: Kubectl): Promise<void> {
  const name = `podwire-${randomBytes(4).toString("hex")}`;
  const run = async (...args: string[]): Promise<void> => {
    const { code, text } = await kubectl.run(args);
    expect([code, text]).toEqual([0, text]);
  };
  const start = async (pod: string): Promise<void> => {
    await run("run", pod, ...options, `--labels=watched=${name}`, "--", "sh", "-c", script);
    await run("wait", "--for=condition=Ready", `pod/${pod}`, "--timeout=60s");
  };
  await start(`${name}-a`);
  const watching = kubectl.start(["get", "pods", "--watch", "-l", `watched=${name}`]);
  const closed = once(watching, "close");
  const lines = createInterface(watching.stdout ?? Readable.from([]))[Symbol.asyncIterator]();
  const rows: string[] = [];
  const newest = new Map<string, string>();
  const until = async (status: string): Promise<void> => {
    let row = "";
    while (!row.startsWith(status)) {
      const { value = expect.fail(`kubectl has ended after ${JSON.stringify(rows)}`) } = await lines.next();
      row = value
        .replaceAll(/ +/g, " ")
        .replaceAll(name, "NAME")
        .replace(/ \d+s$/, "");
      // A status may be written again as it was, and then there is a row again.
      const [pod = ""] = row.split(" ", 1);
      if (row !== newest.get(pod)) rows.push(row);
      newest.set(pod, row);
    }
  };
  await until("NAME-a");
  await start(`${name}-b`);
  await until("NAME-b 1/1");
  await run("delete", "pod", `${name}-b`);
  await until("NAME-b 0/1 Completed");
  watching.kill();
  await closed;
  const expected = [
    "NAME READY STATUS RESTARTS AGE",
    "NAME-a 1/1 Running 0",
    "NAME-b 0/1 Pending 0",
    passing,
    "NAME-b 1/1 Running 0",
    "NAME-b 1/1 Terminating 0",
    "NAME-b 0/1 Completed 0",
  ];
  const skipped = server === "cluster" && !rows.includes(passing);
  expect(rows).toEqual(skipped ? expected.filter((row) => row !== passing) : expected);
  await run("delete", "pod", `${name}-a`, "--now");
}
