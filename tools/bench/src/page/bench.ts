import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { launchChromium } from "@podwire/tools-conformance/chromium";
import type { Browser } from "playwright";
import { bundle } from "../../../checks/src/bundle.ts";
import type { Commands } from "../commands.ts";
import { hasFailures, type Measure, markdownTable, type Row } from "../table.ts";
import type { Outcome } from "../task.ts";
import type { PageContenderName } from "./contenders.ts";

const lanes: readonly { readonly contender: PageContenderName; readonly label: string }[] = [
  { contender: "bare", label: "WebSocket" },
  { contender: "dial", label: "`dial`, WebSocketStream" },
  { contender: "dial-plain", label: "`dialWith(WebSocket)`" },
  { contender: "podwire", label: "podwire, `for await`, WebSocketStream" },
  { contender: "podwire-plain", label: "podwire, `for await`, WebSocket" },
];

const measures: readonly Measure[] = [
  { key: "rate", heading: "MiB/s", ratio: true },
  { key: "cpu", heading: "CPU of the page, ms", ratio: true },
  { key: "rss", heading: "RSS of the page, MiB", ratio: true },
];

/** A page in a browser of its own, where nothing else counts as the page's. */
interface PageLane {
  run(command: readonly string[], totalBytes: number, round: number): Promise<Outcome>;
  close(): Promise<void>;
}

/** Downloads in Chromium, beside a bare WebSocket in a page of the same kind; in turns, as all rounds are. */
export async function benchPages(server: string, commands: Commands, rounds: number): Promise<boolean> {
  // A page takes its time, and so do five browsers.
  const totalBytes = commands.totalBytes / 4;
  const script = await pageScript();
  const rows: Row<(typeof lanes)[number]>[] = [];
  for (const frameBytes of [4_096, 32_768]) {
    const command = commands.download(totalBytes, frameBytes);
    const pages = await Promise.all(lanes.map(({ contender }) => openLane(server, script, contender)));
    const outcomes = lanes.map((): Outcome[] => []);
    try {
      for (let round = 0; round <= rounds; round += 1) {
        for (let turn = 0; turn < pages.length; turn += 1) {
          const index = (round + turn) % pages.length;
          const outcome = await pages[index]?.run(command, totalBytes, round);
          // Round 0 is the warm-up, in which every byte is looked at.
          if (outcome && round > 0) outcomes[index]?.push(outcome);
        }
      }
    } finally {
      await Promise.all(pages.map((page) => page.close()));
    }
    rows.push({ condition: `${frameBytes / 1_024} KiB`, lanes, outcomes });
  }
  console.log(`\nDownload of ${totalBytes / 1_048_576} MiB in Chromium, on loopback\n`);
  console.log(markdownTable("frames", rows, measures));
  return !hasFailures(rows);
}

async function pageScript(): Promise<string> {
  const file = fileURLToPath(new URL("contenders.ts", import.meta.url));
  const code = `import { timeDownload } from ${JSON.stringify(file)}; Object.assign(globalThis, { timeDownload });`;
  // As built, like everything that is measured.
  const { script } = await bundle(code, fileURLToPath(new URL("../..", import.meta.url)), "built");
  return script;
}

async function openLane(server: string, script: string, contender: PageContenderName): Promise<PageLane> {
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(server);
  await page.evaluate(`0;${script}`);
  return {
    async run(command, totalBytes, round) {
      const before = await pageOf(browser);
      const args = JSON.stringify([contender, command, totalBytes, round === 0]);
      try {
        const rate = await page.evaluate<number>(`timeDownload(...${args})`);
        const { cpuMs, rss } = await pageOf(browser);
        return { numbers: { rate, cpu: cpuMs - before.cpuMs, rss } };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => browser.close(),
  };
}

/** CPU time and memory of the browser's busiest page: it may keep an idle one ready. */
async function pageOf(browser: Browser): Promise<{ cpuMs: number; rss: number }> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const pages = processInfo.filter(({ type }) => type === "renderer");
  const busiest = pages.reduce((one, other) => (other.cpuTime > one.cpuTime ? other : one));
  const kibibytes = Number(execFileSync("ps", ["-o", "rss=", "-p", `${busiest.id}`]).toString());
  return { cpuMs: busiest.cpuTime * 1_000, rss: kibibytes / 1_024 };
}
