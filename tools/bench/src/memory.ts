import { messageOf, startChild, stopChild } from "./child.ts";
import type { Lane } from "./rounds.ts";
import { hasFailures, type Measure, markdownTable, type Row } from "./table.ts";
import type { Target } from "./target.ts";
import type { Outcome, Task } from "./task.ts";

const mebibyte = 1_048_576;
const seconds = 5;

const slowReader: Task = {
  kind: "slow-reader",
  command: ["download", `${1_024 * mebibyte}`, "32768"],
  bytesPerSecond: 16 * mebibyte,
  seconds,
};

const stalledPeer: Task = {
  kind: "stalled-peer",
  command: ["stall"],
  totalBytes: 256 * mebibyte,
  writeBytes: 32_768,
  seconds,
};

const measures: readonly Measure[] = [
  { key: "rss", heading: "RSS, MiB", ratio: true },
  { key: "external", heading: "external, MiB", ratio: true },
  { key: "moved", heading: "read or written, MiB", ratio: false },
];

/** How much a process grows while the other end, or its own reader, does not keep up. */
export async function benchMemory(target: Target, rounds: number): Promise<boolean> {
  const rows: Row[] = [
    {
      condition: "reader of 16 MiB/s, 1 GiB offered",
      lanes: [
        { contender: "ws", label: "ws, paused by each message" },
        { contender: "podwire", label: "podwire, `for await`" },
        { contender: "podwire-streams", label: "podwire, `.readable`" },
        { contender: "client-node", label: "@kubernetes/client-node" },
      ],
      outcomes: [],
    },
    {
      condition: "peer stopped reading, 256 MiB to write",
      lanes: [
        { contender: "ws", label: "ws, awaiting its callback above 1 MiB" },
        { contender: "podwire", label: "podwire, `stdin.write`" },
        { contender: "podwire-streams", label: "podwire, `stdin.writable`" },
        { contender: "podwire-run", label: "podwire, `exec.run`" },
        { contender: "client-node", label: "@kubernetes/client-node" },
      ],
      outcomes: [],
    },
  ];
  const measured: Row[] = [];
  for (const [index, row] of rows.entries()) {
    const task = index === 0 ? slowReader : stalledPeer;
    measured.push({ ...row, outcomes: await runAfresh(target, row.lanes, rounds, task) });
  }
  console.log(`\nGrowth of a process in ${seconds} s, at most\n`);
  console.log(markdownTable("", measured, measures));
  return !hasFailures(measured);
}

/** A new process each time, for memory that was once taken is not given back. */
async function runAfresh(
  target: Target,
  lanes: readonly Lane[],
  rounds: number,
  task: Task,
): Promise<Outcome[][]> {
  const outcomes = lanes.map((): Outcome[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { contender }] of lanes.entries()) {
      const { child } = await startChild("worker.ts", [contender, JSON.stringify(target)]);
      try {
        const answer = messageOf(child);
        child.send(task);
        outcomes[index]?.push((await answer) as Outcome);
      } finally {
        await stopChild(child);
      }
    }
  }
  return outcomes;
}
