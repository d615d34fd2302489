import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { launchTabs, type Tabs } from "@podwire/tools-conformance/tabs";
import { pageScriptOf } from "../../../checks/src/page-script.ts";
import type { Outcome } from "../task.ts";
import type { PageContenderName, PageTask } from "./contender.ts";

/** A page in a browser of its own, where nothing else counts as the page's. */
export interface PageLane {
  /** Thorough: every byte is looked at. */
  run(task: PageTask, thorough: boolean): Promise<Outcome>;
  close(): Promise<void>;
}

/** What a page loads to be given tasks. */
export function pageScript(): Promise<string> {
  // As built, like everything that is measured.
  return pageScriptOf(new URL("tasks.ts", import.meta.url), "runTask", "built");
}

/** Opens a page that does its tasks in one contender's way. */
export async function openLane(
  server: string,
  script: string,
  contender: PageContenderName,
): Promise<PageLane> {
  const browser = await launchTabs("--js-flags=--expose-gc");
  const page = await browser.open("about:blank");
  const reload = async (): Promise<void> => {
    await page.load(server);
    // Ends with a value that can be sent.
    await page.evaluate(`0;${script};0`);
  };
  await reload();
  return {
    async run(task, thorough) {
      // What a session was left with that has not come to its end would be the next one's cost.
      if ("seconds" in task) await reload();
      await page.evaluate("gc()");
      const before = await pageOf(browser);
      const peak = watchPeak(before.pid);
      try {
        const args = JSON.stringify([contender, task, thorough]);
        const numbers = (await page.evaluate(`runTask(...${args})`)) as Record<string, number>;
        const { cpuMs } = await pageOf(browser);
        const mebibytes = peak() / 1_048_576;
        const grown = mebibytes - before.rss / 1_048_576;
        return { numbers: { ...numbers, cpu: cpuMs - before.cpuMs, peak: mebibytes, growth: grown } };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
    async close() {
      await browser[Symbol.asyncDispose]();
    },
  };
}

/** CPU time and memory of the browser's busiest page: it may keep an idle one ready. */
async function pageOf(browser: Tabs): Promise<{ pid: number; cpuMs: number; rss: number }> {
  const pages = await browser.pageProcesses();
  const { pid, cpuTime } = pages.reduce((one, other) => (other.cpuTime > one.cpuTime ? other : one));
  return { pid, cpuMs: cpuTime * 1_000, rss: residentBytes(pid) };
}

/** Tells the most that a process has held since; where no system keeps that, what it holds in the end. */
function watchPeak(pid: number): () => number {
  try {
    // proc(5): forgets the peak so far.
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    return () => residentBytes(pid);
  }
  return () => {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kibibytes) * 1_024;
  };
}

function residentBytes(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", `${pid}`]).toString()) * 1_024;
}
