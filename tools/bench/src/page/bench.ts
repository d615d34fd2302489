import type { Commands } from "../commands.ts";
import { hasFailures, type Labelled, type Measure, markdownTable, type Row } from "../table.ts";
import type { Outcome } from "../task.ts";
import { turnsOf } from "../turns.ts";
import type { PageContenderName, PageTask } from "./contender.ts";
import { openLane, pageScript } from "./lane.ts";

interface Lane extends Labelled {
  readonly contender: PageContenderName;
}

interface Condition {
  readonly name: string;
  readonly task: PageTask;
}

const control = "a bare WebSocket";
const mebibyte = 1_048_576;
const seconds = 5;
const roundsOfBrowser = 4;

const downloading: readonly Lane[] = [
  { contender: "bare", label: "WebSocket" },
  { contender: "bare", label: "WebSocket, once more", chance: true },
  { contender: "dial", label: "`dial`, WebSocketStream" },
  { contender: "dial-plain", label: "`dialWith(WebSocket)`" },
  { contender: "podwire", label: "podwire, `for await`, WebSocketStream" },
  { contender: "podwire-plain", label: "podwire, `for await`, WebSocket" },
];
const uploading: readonly Lane[] = [
  { contender: "bare", label: "WebSocket, waiting above 1 MiB" },
  { contender: "dial", label: "`dial`, WebSocketStream, waiting for `drain`" },
  { contender: "dial-plain", label: "`dialWith(WebSocket)`, waiting for `drain`" },
  { contender: "podwire", label: "podwire, `stdin.write`, WebSocketStream" },
  { contender: "podwire-plain", label: "podwire, `stdin.write`, WebSocket" },
];

const transfer: readonly Measure[] = [
  { key: "rate", heading: "MiB/s", ratio: true, least: 0.9 },
  { key: "cpu", heading: "CPU of the page, ms", ratio: true },
  // A WebSocketStream alone takes 1.09 of a WebSocket at 32 KiB: its garbage is collected later.
  { key: "peak", heading: "most RSS of the page, MiB", ratio: true, most: 1.2 },
];
const growth: readonly Measure[] = [
  // 0.07 for a slow reader; a peer that has stopped leaves nothing to win.
  { key: "growth", heading: "growth of the page, MiB", ratio: true, most: 1.5 },
  { key: "moved", heading: "read or written, MiB", ratio: false },
];

/** Transfers in Chromium and what a page grows by, beside a bare WebSocket in a page of the same kind. */
export async function benchPages(server: string, commands: Commands, rounds: number): Promise<boolean> {
  const { totalBytes } = commands;
  const script = await pageScript();
  const sizes = [4_096, 32_768].map((bytes) => ({ bytes, name: `${bytes / 1_024} KiB` }));
  const measured = async (lanes: readonly Lane[], conditions: readonly Condition[], count: number) => {
    const rows: Row<Lane>[] = [];
    for (const { name, task } of conditions) {
      rows.push({ condition: name, lanes, outcomes: await runRounds(server, script, lanes, task, count) });
    }
    return rows;
  };

  const downloads = await measured(
    downloading,
    sizes.map(({ bytes, name }) => {
      return { name, task: { kind: "download", command: commands.download(totalBytes, bytes), totalBytes } };
    }),
    rounds,
  );
  print(`Download of ${totalBytes / mebibyte} MiB`, "frames", downloads, transfer);

  const uploads = await measured(
    uploading,
    sizes.map(({ bytes, name }) => {
      const command = commands.upload(totalBytes);
      return { name, task: { kind: "upload", command, totalBytes, writeBytes: bytes } };
    }),
    rounds,
  );
  print(`Upload of ${totalBytes / mebibyte} MiB`, "writes", uploads, transfer);

  const slow = await measured(
    // Without back-pressure there is nothing to compare: more than the bound ends with an error.
    downloading.filter(({ contender }) => !contender.endsWith("-plain")),
    [{ name: "reader of 16 MiB/s", task: slowReader(commands) }],
    Math.ceil(rounds / 5),
  );
  print(`Growth in ${seconds} s, at most, ${offeredBytes / mebibyte} MiB offered`, "", slow, growth);

  const stalled = await measured(
    uploading,
    [{ name: "peer stopped reading", task: stalledPeer }],
    Math.ceil(rounds / 5),
  );
  print(`Growth in ${seconds} s, at most, ${offeredBytes / mebibyte} MiB to write`, "", stalled, growth);

  const failed = [
    hasFailures([...downloads, ...uploads], transfer, control),
    hasFailures([...slow, ...stalled], growth, control),
  ];
  return !failed.includes(true);
}

const offeredBytes = 512 * mebibyte;

function slowReader(commands: Commands): PageTask {
  const command = commands.download(offeredBytes, 32_768);
  return { kind: "slow-reader", command, bytesPerSecond: 16 * mebibyte, seconds };
}

const stalledPeer: PageTask = {
  kind: "stalled-peer",
  command: ["stall"],
  totalBytes: offeredBytes,
  writeBytes: 32_768,
  seconds,
};

/**
 * Browsers alike differ by a tenth for as long as they run, so a lane gets a new one after each few rounds; within these
 * it keeps one, for code has to become warm.
 */
async function runRounds(
  server: string,
  script: string,
  lanes: readonly Lane[],
  task: PageTask,
  rounds: number,
): Promise<Outcome[][]> {
  const outcomes = lanes.map((): Outcome[] => []);
  for (let first = 0; first < rounds; first += roundsOfBrowser) {
    const pages = await Promise.all(lanes.map(({ contender }) => openLane(server, script, contender)));
    try {
      // One before the first is the warm-up, in which every byte is looked at.
      for (let round = first - 1; round < Math.min(first + roundsOfBrowser, rounds); round += 1) {
        for (const index of turnsOf(round + 1, pages.length)) {
          const outcome = await pages[index]?.run(task, round < first);
          if (outcome && round >= first) outcomes[index]?.push(outcome);
        }
      }
    } finally {
      await Promise.all(pages.map((page) => page.close()));
    }
  }
  return outcomes;
}

function print(title: string, first: string, rows: readonly Row<Lane>[], measures: readonly Measure[]): void {
  console.log(`\n${title}, in Chromium, on loopback\n\n${markdownTable(first, rows, measures, control)}`);
}
