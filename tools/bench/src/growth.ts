import { setTimeout as delay } from "node:timers/promises";
import type { Contender } from "./contenders/contender.ts";
import { pattern, patternWrites } from "./pattern.ts";
import type { Task } from "./task.ts";

type Numbers = Promise<Record<string, number>>;
type Of<K extends Task["kind"]> = Extract<Task, { kind: K }>;

const mebibyte = 1_048_576;
// Enough to load all code, and too little to leave free memory behind that would hide the growth.
const warmUpBytes = 262_144;

/** Grows a process by a reader that is slower than what is offered. */
export async function growBySlowReader(contender: Contender, task: Of<"slow-reader">): Numbers {
  await contender.download(["download", `${warmUpBytes}`, "32768"], () => undefined);
  let readBytes = 0;
  const start = performance.now();
  return await growthWhile(
    task.seconds,
    () =>
      contender.download(task.command, (chunk) => {
        readBytes += chunk.byteLength;
        const aheadMs = (readBytes / task.bytesPerSecond) * 1_000 - (performance.now() - start);
        return aheadMs > 1 ? delay(aheadMs) : undefined;
      }),
    () => readBytes,
  );
}

/** Grows a process by writes to a peer that has stopped reading. */
export async function growByStalledPeer(contender: Contender, task: Of<"stalled-peer">): Numbers {
  await contender.upload(["upload", `${warmUpBytes}`], patternWrites(warmUpBytes, 32_768));
  let acceptedBytes = 0;
  function* writes(): Generator<Uint8Array> {
    for (; acceptedBytes < task.totalBytes; acceptedBytes += task.writeBytes) {
      yield pattern.subarray(0, task.writeBytes);
    }
  }
  return await growthWhile(
    task.seconds,
    () => contender.upload(task.command, writes()),
    () => acceptedBytes,
  );
}

/** The most that the process grew in so many seconds; what runs then is left running, for the process ends. */
async function growthWhile(seconds: number, run: () => Promise<unknown>, moved: () => number): Numbers {
  globalThis.gc?.();
  const before = process.memoryUsage();
  let rss = 0;
  let external = 0;
  const sampler = setInterval(() => {
    const now = process.memoryUsage();
    rss = Math.max(rss, now.rss - before.rss);
    // Buffers, mostly; arrayBuffers is a part of it.
    external = Math.max(external, now.external - before.external);
  }, 10);
  const early = run().then(() => {
    throw new Error("it came to its end: it was no slow reader, or no stalled peer");
  });
  await Promise.race([early, delay(seconds * 1_000)]);
  clearInterval(sampler);
  early.catch(() => {});
  return { rss: rss / mebibyte, external: external / mebibyte, moved: moved() / mebibyte };
}
