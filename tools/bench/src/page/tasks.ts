import { createChecker } from "../checker.ts";
import { pattern, patternWrites } from "../pattern.ts";
import { type PageContenderName, type PageTask, pageContenders, type Take } from "./contender.ts";

type Numbers = Promise<Record<string, number>>;
type Of<K extends PageTask["kind"]> = Extract<PageTask, { kind: K }>;

const mebibyte = 1_048_576;
// Enough to load all code, and too little to leave free memory behind that would hide the growth.
const warmUpBytes = 262_144;

/** Runs in a page: does a task in one contender's way, opening and closing counted, and answers with what it took. */
export function runTask(name: PageContenderName, task: PageTask, thorough: boolean): Numbers {
  switch (task.kind) {
    case "download":
      return timeDownload(name, task, thorough);
    case "upload":
      return timeUpload(name, task);
    case "slow-reader":
      return growBySlowReader(name, task);
    case "stalled-peer":
      return growByStalledPeer(name, task);
  }
}

async function timeDownload(name: PageContenderName, task: Of<"download">, thorough: boolean): Numbers {
  const checker = createChecker(pattern, thorough ? 1 : undefined);
  const start = performance.now();
  await pageContenders[name].download(task.command, (chunk) => {
    checker.take(chunk);
    return undefined;
  });
  const seconds = (performance.now() - start) / 1_000;
  checker.finish(task.totalBytes);
  return { rate: task.totalBytes / mebibyte / seconds };
}

async function timeUpload(name: PageContenderName, task: Of<"upload">): Numbers {
  const { command, totalBytes, writeBytes } = task;
  const start = performance.now();
  const answer = await pageContenders[name].upload(command, patternWrites(totalBytes, writeBytes));
  const seconds = (performance.now() - start) / 1_000;
  if (answer !== `${totalBytes}`) throw new Error(`the peer got ${answer} of ${totalBytes} bytes`);
  return { rate: totalBytes / mebibyte / seconds };
}

async function growBySlowReader(name: PageContenderName, task: Of<"slow-reader">): Numbers {
  const { download } = pageContenders[name];
  await download(["download", `${warmUpBytes}`, "32768"], () => undefined);
  let readBytes = 0;
  const start = performance.now();
  const take: Take = ({ byteLength }) => {
    readBytes += byteLength;
    const aheadMs = (readBytes / task.bytesPerSecond) * 1_000 - (performance.now() - start);
    return aheadMs > 1 ? delay(aheadMs) : undefined;
  };
  await within(task.seconds, download(task.command, take));
  return { moved: readBytes / mebibyte };
}

async function growByStalledPeer(name: PageContenderName, task: Of<"stalled-peer">): Numbers {
  const { upload } = pageContenders[name];
  await upload(["upload", `${warmUpBytes}`], patternWrites(warmUpBytes, 32_768));
  let acceptedBytes = 0;
  function* writes(): Generator<Uint8Array> {
    for (; acceptedBytes < task.totalBytes; acceptedBytes += task.writeBytes) {
      yield pattern.subarray(0, task.writeBytes);
    }
  }
  await within(task.seconds, upload(task.command, writes()));
  return { moved: acceptedBytes / mebibyte };
}

/** What runs after so many seconds is left running, for the page is left too. */
async function within(seconds: number, run: Promise<unknown>): Promise<void> {
  const early = run.then(() => {
    throw new Error("it came to its end: it was no slow reader, or no stalled peer");
  });
  await Promise.race([early, delay(seconds * 1_000)]);
  early.catch(() => {});
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
