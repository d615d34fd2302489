import { setTimeout as pause } from "node:timers/promises";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { expect, test } from "vitest";
import type { ExecOptions, Exit } from "../src/index.ts";
import { useCluster } from "./cluster.ts";

// Real servers lose the end of what a slow reader has not read yet, and call that a success.

const v5 = { protocols: ["v5.channel.k8s.io"] };
const v4 = { protocols: ["v4.channel.k8s.io"] };
const mebibyte = 1_048_576;
const totalBytes = 50 * mebibyte;
/** More often than a careful program would ask for, on top of a slow reader. */
const liveness = { pingAfterMs: 20 };
const timeout = 600_000;

let name: string;
/** The mebibyte that the file repeats. */
let block: Uint8Array;

const cluster = useCluster(loadKubeconfig, async ({ api, pods }) => {
  name = await pods.run("exec sleep 3600");
  const make = `seq 100000 1000000 | head -c ${mebibyte} > /tmp/block; for i in $(seq 50); do cat /tmp/block; done > /tmp/file; cat /tmp/block`;
  ({
    stdout: { bytes: block },
  } = await api.exec.run(name, { command: ["sh", "-c", make], verify: true }));
  expect(block.byteLength).toBe(mebibyte);
});

interface Reading {
  readonly exit: Exit;
  /** Bytes that came, of which each is the file's own in its place. */
  readonly bytes: number;
}

/** Milliseconds to pause behind a chunk, by its number and its length. */
type Pace = (chunk: { readonly number: number; readonly bytes: number }) => number;

const oneToTenMs: Pace = ({ number }) => 1 + ((number * 7) % 10);
const oneMegabyteASecond: Pace = ({ bytes }) => bytes / 1_000;

async function readSlowly(pace: Pace, options: Partial<ExecOptions>): Promise<Reading> {
  const command = ["cat", "/tmp/file"];
  await using session = await cluster.api.exec.stream(name, { command, liveness, ...options });
  const begun = performance.now();
  let bytes = 0;
  let number = 0;
  let pausesMs = 0;
  try {
    for await (const chunk of session.stdout) {
      const place = bytes % mebibyte;
      const expected = Buffer.concat([block.subarray(place), block]).subarray(0, chunk.byteLength);
      if (!expected.equals(chunk)) throw new RangeError(`the chunk at byte ${bytes} is not the file's own`);
      bytes += chunk.byteLength;
      number += 1;
      pausesMs += pace({ number, bytes: chunk.byteLength });
      // By the clock, for each pause takes longer than asked for.
      await pause(Math.max(pausesMs - (performance.now() - begun), 0));
    }
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // What broke the session is in its exit.
  }
  return { exit: await session.exited, bytes };
}

test.concurrent.for([
  ["1 MB/s over v5", oneMegabyteASecond, v5],
  ["1 MB/s over v4", oneMegabyteASecond, v4],
  ["chunk by chunk over v5", oneToTenMs, v5],
  ["chunk by chunk over v4", oneToTenMs, v4],
  ["chunk by chunk over v5 with stdin", oneToTenMs, { ...v5, stdin: true }],
] as const)("a verified slow reader gets every byte: %s", { timeout }, async ([, pace, options]) => {
  const { exit, bytes } = await readSlowly(pace, { ...options, verify: true });
  expect(exit).toMatchObject({ kind: "exited", code: 0, source: "marker", complete: "proven" });
  expect(bytes).toBe(totalBytes);
});

test.concurrent.for([
  ["v5", v5],
  ["v4", v4],
  ["v5, with a spool", { ...v5, overflow: "spool" }],
] as const)(
  "no other slow reader is told that it has every byte: over %s",
  { timeout },
  async ([, options]) => {
    const { exit, bytes } = await readSlowly(oneToTenMs, options);
    expect(exit.complete).toBe(exit.kind === "exited" ? "unproven" : "incomplete");
    expect(["exited", "connectionLost"]).toContain(exit.kind);
    expect(exit.stdout.receivedBytes).toBe(bytes);
  },
);
