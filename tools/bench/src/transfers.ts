import { createChecker } from "./checker.ts";
import type { Contender } from "./contenders/contender.ts";
import { quantile } from "./median.ts";
import { pattern, patternWrites, zeros } from "./pattern.ts";
import type { Task } from "./task.ts";

type Numbers = Promise<Record<string, number>>;
type Of<K extends Task["kind"]> = Extract<Task, { kind: K }>;

const mebibyte = 1_048_576;

/** Takes everything a command sends; opening and closing count. */
export async function timeDownload(contender: Contender, task: Of<"download">): Numbers {
  const checker = createChecker(task.content === "zeros" ? zeros : pattern, task.thorough ? 1 : undefined);
  const elapsed = startClocks(contender);
  await contender.download(task.command, (chunk) => {
    checker.take(chunk);
    return undefined;
  });
  const { ms, cpu } = elapsed();
  checker.finish(task.totalBytes);
  return { rate: task.totalBytes / mebibyte / (ms / 1_000), ...cpu };
}

/** Writes everything to a command, until it has said what it got. */
export async function timeUpload(contender: Contender, task: Of<"upload">): Numbers {
  const { command, totalBytes, writeBytes } = task;
  const elapsed = startClocks(contender);
  const answer = await contender.upload(command, patternWrites(totalBytes, writeBytes));
  const { ms, cpu } = elapsed();
  if (answer.trim() !== `${totalBytes}`) throw new Error(`the peer got ${answer} of ${totalBytes} bytes`);
  return { rate: totalBytes / mebibyte / (ms / 1_000), ...cpu };
}

/** Sends messages one after the other and waits for each to come back. */
export async function timeEcho(contender: Contender, task: Of<"echo">): Numbers {
  const message = pattern.subarray(0, task.messageBytes);
  const echo = await contender.echo(task.command);
  const microseconds: number[] = [];
  const elapsed = startClocks(contender);
  for (let trip = 0; trip < task.roundTrips; trip += 1) {
    const start = performance.now();
    await echo.roundTrip(message);
    microseconds.push((performance.now() - start) * 1_000);
  }
  const { cpu } = elapsed();
  await echo.close();
  return { p50: quantile(microseconds, 0.5), p99: quantile(microseconds, 0.99), ...cpu };
}

/** Wall clock, and CPU time of this whole process, garbage collection included: it stays true on a busy machine. */
function startClocks({ outside }: Contender): () => { ms: number; cpu: Record<string, number> } {
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpuStart);
    const ms = performance.now() - start;
    return { ms, cpu: outside ? {} : { cpu: (user + system) / 1_000 } };
  };
}
