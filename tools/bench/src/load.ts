import { setTimeout as delay } from "node:timers/promises";
import { stopChild } from "./child.ts";
import type { Contender } from "./contenders/contender.ts";
import { median } from "./median.ts";
import { patternWrites } from "./pattern.ts";
import { startServer } from "./server-child.ts";

const mebibyte = 1_048_576;
const gibibyte = 1_024 * mebibyte;
const writeBytes = 32_768;
const heldBackBytes = 64 * mebibyte;
const heldBackMs = 1_000;

/** What is asked of a server at once. `look` measures it while that goes on. */
const loads: readonly {
  readonly name: string;
  /** It takes as long as somebody waits, which says nothing. */
  readonly untimed?: true;
  readonly run: (client: Contender, look: () => Promise<void>) => Promise<void>;
}[] = [
  {
    name: "500 execs at once, 64 KiB each",
    async run(client, look) {
      const sizes = await Promise.all(Array.from({ length: 500 }, () => downloadAll(client, 65_536)));
      checkBytes(Math.min(...sizes), 65_536);
      await look();
    },
  },
  {
    name: "2,000 idle execs at once, a byte each and back",
    async run(client, look) {
      const sessions = await Promise.all(Array.from({ length: 2_000 }, () => client.echo(["echo"])));
      await look();
      await Promise.all(sessions.map((session) => session.roundTrip(Buffer.of(97))));
      await Promise.all(sessions.map((session) => session.close()));
    },
  },
  {
    name: "1 GiB out of one session",
    async run(client, look) {
      checkBytes(await downloadAll(client, gibibyte, look), gibibyte);
    },
  },
  {
    name: "1 GiB into one session",
    async run(client, look) {
      const looks: Promise<void>[] = [];
      const said = await client.upload(
        ["upload", `${gibibyte}`],
        lookedAt(() => looks.push(look())),
      );
      checkBytes(Number(said), gibibyte);
      await Promise.all(looks);
    },
  },
  {
    name: "64 MiB to a client that stops reading",
    untimed: true,
    async run(client, look) {
      let bytes = 0;
      await client.download(["download", `${heldBackBytes}`], (chunk) => {
        const first = bytes === 0;
        bytes += chunk.byteLength;
        return first ? delay(heldBackMs).then(look) : undefined;
      });
      checkBytes(bytes, heldBackBytes);
    },
  },
  {
    name: "64 MiB to a program that does not read",
    untimed: true,
    async run(client, look) {
      const writes = patternWrites(heldBackBytes, writeBytes);
      const said = client.upload(["late", `${heldBackBytes}`, `${heldBackMs}`], writes);
      await delay(heldBackMs / 2);
      await look();
      checkBytes(Number(await said), heldBackBytes);
    },
  },
];

async function downloadAll(
  client: Contender,
  wantedBytes: number,
  look?: () => Promise<void>,
): Promise<number> {
  let bytes = 0;
  await client.download(["download", `${wantedBytes}`], (chunk) => {
    bytes += chunk.byteLength;
    return look && bytes % (128 * mebibyte) < chunk.byteLength ? look() : undefined;
  });
  return bytes;
}

function* lookedAt(look: () => void): Generator<Uint8Array> {
  let bytes = 0;
  for (const write of patternWrites(gibibyte, writeBytes)) {
    yield write;
    bytes += write.byteLength;
    if (bytes % (128 * mebibyte) === 0) look();
  }
}

function checkBytes(bytes: number, wanted: number): void {
  if (bytes !== wanted) throw new Error(`${bytes} of ${wanted} bytes have come`);
}

/** How long a load takes, and by how much it makes a server grow that has just been started. */
async function measure(
  file: "server/plain.ts" | "server/devserver.ts",
  run: (typeof loads)[number]["run"],
): Promise<{ ms: number; grownBytes: number }> {
  const { child, client, footprint } = await startServer(file);
  try {
    // All code is there before.
    checkBytes(await downloadAll(client, 262_144), 262_144);
    const before = await footprint();
    let most = before;
    const start = performance.now();
    await run(client, async () => {
      most = Math.max(most, await footprint());
    });
    return { ms: performance.now() - start, grownBytes: most - before };
  } finally {
    await stopChild(child);
  }
}

/** Time and memory of devserver under load, beside the same program behind `ws`. */
export async function benchLoad(rounds: number): Promise<void> {
  console.log("\ndevserver under load: time, and growth at most; what it records of sessions is in that\n");
  console.log(
    "| | ws, ms | devserver, ms | of ws | ws, MiB | devserver, MiB |\n|---|---:|---:|---:|---:|---:|",
  );
  for (const { name, untimed, run } of loads) {
    const controls: Awaited<ReturnType<typeof measure>>[] = [];
    const owns: typeof controls = [];
    for (let round = 0; round < rounds; round += 1) {
      // In turns: none always follows the same one.
      if (round % 2 === 0) controls.push(await measure("server/plain.ts", run));
      owns.push(await measure("server/devserver.ts", run));
      if (round % 2 === 1) controls.push(await measure("server/plain.ts", run));
    }
    const msOf = (all: typeof controls) => median(all.map(({ ms }) => ms)).toFixed(0);
    const grownOf = (all: typeof controls) =>
      (median(all.map(({ grownBytes }) => grownBytes)) / mebibyte).toFixed(1);
    const ratio = median(owns.map(({ ms }, round) => ms / (controls[round]?.ms ?? Number.NaN))).toFixed(2);
    const times = untimed ? ["", "", ""] : [msOf(controls), msOf(owns), ratio];
    console.log(`| ${[name, ...times, grownOf(controls), grownOf(owns)].join(" | ")} |`);
  }
}
