import { stopChild } from "./child.ts";
import type { Contender } from "./contenders/contender.ts";
import { median } from "./median.ts";
import { patternWrites } from "./pattern.ts";
import { type ServerChild, startServer } from "./server-child.ts";

const totalBytes = 33_554_432;
const writeBytes = 32_768;
const roundTrips = 2_000;
const sessions = 300;
const sessionsAtOnce = 20;
const mebibyte = 1_048_576;

/** What is asked of a server, and how much of it is done in a second. */
const rows: readonly {
  readonly name: string;
  readonly unit: string;
  readonly count: number;
  readonly run: (client: Contender) => Promise<void>;
}[] = [
  {
    name: "download, frames of 32 KiB",
    unit: "MiB/s",
    count: totalBytes / mebibyte,
    async run(client) {
      let bytes = 0;
      await client.download(["download", `${totalBytes}`], (chunk) => {
        bytes += chunk.byteLength;
        return undefined;
      });
      if (bytes !== totalBytes) throw new Error(`${bytes} of ${totalBytes} bytes have come`);
    },
  },
  {
    name: "upload, writes of 32 KiB",
    unit: "MiB/s",
    count: totalBytes / mebibyte,
    async run(client) {
      const said = await client.upload(["upload", `${totalBytes}`], patternWrites(totalBytes, writeBytes));
      if (said !== `${totalBytes}`) throw new Error(`the server counted ${said} of ${totalBytes} bytes`);
    },
  },
  {
    name: "echo of 64 bytes",
    unit: "round trips/s",
    count: roundTrips,
    async run(client) {
      const echo = await client.echo(["echo"]);
      for (let count = 0; count < roundTrips; count += 1) await echo.roundTrip(Buffer.alloc(64, count));
      await echo.close();
    },
  },
  {
    name: `sessions, ${sessionsAtOnce} at once`,
    unit: "sessions/s",
    count: sessions,
    async run(client) {
      let left = sessions;
      const next = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await client.download(["download", `${writeBytes}`], () => undefined);
        }
      };
      await Promise.all(Array.from({ length: sessionsAtOnce }, next));
    },
  },
];

/** devserver, its program a function, beside the same program behind `ws`; `ws` is the client of both. One round is a warm-up. */
export async function benchServing(rounds: number): Promise<void> {
  const plain = await startServer("server/plain.ts");
  const devServer = await startServer("server/devserver.ts");
  try {
    console.log("\ndevserver beside a server of `ws` alone\n");
    console.log("| | | ws | devserver | of ws |\n|---|---|---:|---:|---:|");
    for (const { name, unit, count, run } of rows) {
      const rates: [number, number][] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const rateOf = async ({ client }: ServerChild): Promise<number> => {
          const start = performance.now();
          await run(client);
          return (count / (performance.now() - start)) * 1_000;
        };
        // In turns: none always follows the same one.
        const first = round % 2 === 0 ? await rateOf(plain) : undefined;
        const own = await rateOf(devServer);
        const control = first ?? (await rateOf(plain));
        if (round > 0) rates.push([control, own]);
      }
      const [control, own] = [0, 1].map((index) => median(rates.map((both) => both[index] ?? 0)).toFixed(0));
      const ratio = median(rates.map(([one, other]) => other / one)).toFixed(2);
      console.log(`| ${name} | ${unit} | ${control} | ${own} | ${ratio} |`);
    }
  } finally {
    await Promise.all([plain, devServer].map(({ child }) => stopChild(child)));
  }
}
