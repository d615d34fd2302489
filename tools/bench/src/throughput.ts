import type { Commands } from "./commands.ts";
import type { ContenderName } from "./contenders/contender.ts";
import { type Lane, runRounds } from "./rounds.ts";
import { hasFailures, type Measure, markdownTable, type Row } from "./table.ts";
import type { Target } from "./target.ts";
import type { Task } from "./task.ts";

/** Who runs, where, and with which commands: those of our own server, or those of a shell. */
export interface Bench {
  readonly place: string;
  readonly target: Target;
  readonly commands: Commands;
  readonly rounds: number;
  readonly kubectl: boolean;
  readonly profileFolder: string;
}

const rate: Measure = { key: "rate", heading: "MiB/s", ratio: true };
const cpu: Measure = { key: "cpu", heading: "CPU, ms", ratio: true };

export async function benchDownload(bench: Bench): Promise<boolean> {
  const { commands } = bench;
  const { totalBytes, content } = commands;
  const lanes = lanesOf(bench, {
    "ws-iterated": "ws, a queue and `for await`",
    "ws-collected": "ws, collected in a Buffer",
    podwire: "podwire, `for await`",
    "podwire-streams": "podwire, `.readable`",
    "podwire-run": "podwire, `exec.run`",
  });
  const rows: Row[] = [];
  for (const frameBytes of commands.frameSizes) {
    const command = commands.download(totalBytes, frameBytes);
    const taskOf = (round: number): Task => {
      return { kind: "download", command, totalBytes, content, thorough: round === 0 };
    };
    rows.push({
      condition: sizeOf(frameBytes),
      lanes,
      outcomes: await runRounds({ ...bench, lanes, taskOf }),
    });
  }
  return print(`Download of ${mebibytes(totalBytes)} MiB, ${bench.place}`, "frames", rows, [rate, cpu]);
}

export async function benchUpload(bench: Bench): Promise<boolean> {
  const { totalBytes, upload } = bench.commands;
  const lanes = lanesOf(bench, {
    podwire: "podwire, `stdin.write`",
    "podwire-streams": "podwire, `stdin.writable`",
    "podwire-run": "podwire, `exec.run`",
  });
  const rows: Row[] = [];
  for (const writeBytes of [1_024, 32_768]) {
    const task: Task = { kind: "upload", command: upload(totalBytes), totalBytes, writeBytes };
    const outcomes = await runRounds({ ...bench, lanes, taskOf: () => task });
    rows.push({ condition: sizeOf(writeBytes), lanes, outcomes });
  }
  return print(`Upload of ${mebibytes(totalBytes)} MiB, ${bench.place}`, "writes", rows, [rate, cpu]);
}

export async function benchEcho(bench: Bench): Promise<boolean> {
  const { echo, roundTrips } = bench.commands;
  const lanes = lanesOf(bench, {
    podwire: "podwire, `write` and `for await`",
    "podwire-streams": "podwire, `.writable` and `.readable`",
  });
  const task: Task = { kind: "echo", command: echo(), messageBytes: 64, roundTrips };
  const outcomes = await runRounds({ ...bench, lanes, taskOf: () => task });
  return print(
    `Echo of 64 bytes, ${roundTrips} times a round, ${bench.place}`,
    "message",
    [{ condition: "64 B", lanes, outcomes }],
    [{ key: "p50", heading: "p50 µs", ratio: true }, { key: "p99", heading: "p99 µs", ratio: true }, cpu],
  );
}

/** The control first, then those that are labelled, then the others. */
function lanesOf({ kubectl }: Bench, labels: Partial<Record<ContenderName, string>>): Lane[] {
  const all: Partial<Record<ContenderName, string>> = {
    ws: "ws",
    ...labels,
    "client-node": "@kubernetes/client-node",
    ...(kubectl && { kubectl: "kubectl" }),
  };
  return Object.entries(all).map(([contender, label]) => ({ contender: contender as ContenderName, label }));
}

function print(title: string, first: string, rows: readonly Row[], measures: readonly Measure[]): boolean {
  console.log(`\n${title}\n\n${markdownTable(first, rows, measures)}`);
  return !hasFailures(rows);
}

function sizeOf(bytes: number | undefined): string {
  return bytes === undefined ? "as sent" : `${bytes / 1_024} KiB`;
}

function mebibytes(bytes: number): number {
  return bytes / 1_048_576;
}
