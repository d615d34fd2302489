import { type Contender, type ContenderName, contenderOf } from "./contenders/contender.ts";
import { growBySlowReader, growByStalledPeer } from "./growth.ts";
import { startProfile } from "./profile.ts";
import type { Target } from "./target.ts";
import type { Outcome, Task } from "./task.ts";
import { timeDownload, timeEcho, timeUpload } from "./transfers.ts";

// One contender in a process of its own: does what it is asked, one task at a time.
const [name, target, profileFolder = ""] = process.argv.slice(2);
const contender = await contenderOf(name as ContenderName, JSON.parse(target ?? "") as Target);
let rounds = 0;
let endProfile: (() => Promise<void>) | undefined;

async function outcomeOf(task: Task): Promise<Outcome> {
  // The first round warms up, here too.
  if (profileFolder !== "" && rounds === 1)
    endProfile = await startProfile(profileFolder, `${task.kind}-${name}`);
  rounds += 1;
  // The garbage of the round before is not this round's.
  globalThis.gc?.();
  try {
    return { numbers: await numbersOf(contender, task) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", async (task: Task) => process.send?.(await outcomeOf(task)));
process.on("disconnect", async () => {
  await endProfile?.();
  process.exit();
});
process.send?.("ready");

function numbersOf(contender: Contender, task: Task): Promise<Record<string, number>> {
  switch (task.kind) {
    case "download":
      return timeDownload(contender, task);
    case "upload":
      return timeUpload(contender, task);
    case "echo":
      return timeEcho(contender, task);
    case "slow-reader":
      return growBySlowReader(contender, task);
    case "stalled-peer":
      return growByStalledPeer(contender, task);
  }
}
