import { type Contender, type ContenderName, contenderOf } from "./contenders/contender.ts";
import { growBySlowReader, growByStalledPeer } from "./growth.ts";
import type { Target } from "./target.ts";
import type { Outcome, Task } from "./task.ts";
import { timeDownload, timeEcho, timeUpload } from "./transfers.ts";

// One contender in a process of its own: does what it is asked, one task at a time.
const [name, target] = process.argv.slice(2);
const contender = await contenderOf(name as ContenderName, JSON.parse(target ?? "") as Target);

process.on("message", (task: Task) => {
  // The garbage of the round before is not this round's.
  globalThis.gc?.();
  numbersOf(contender, task)
    .then(
      (numbers): Outcome => ({ numbers }),
      (error: unknown): Outcome => ({ error: error instanceof Error ? error.message : String(error) }),
    )
    .then((outcome) => process.send?.(outcome))
    .catch(console.error);
});
process.on("disconnect", () => process.exit());
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
