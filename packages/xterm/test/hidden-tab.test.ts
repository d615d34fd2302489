import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { findChromium } from "../../../tools/conformance/src/chromium.ts";
import type { Tab } from "../../../tools/conformance/src/tabs.ts";
import { useTerminalTab } from "./terminal-tab.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

// A terminal of this machine brings 65 kB a second when others compute.
const patience = { timeout: 400_000 };

const terminalTab = useTerminalTab();
let other: Tab;

beforeAll(async () => {
  if (findChromium()) other = await terminalTab().tabs.open("about:blank");
});

function residentBytes(pids: readonly number[]): number {
  const kibibytes = execFileSync("ps", ["-o", "rss=", "-p", pids.join()]).toString().trim().split(/\s+/);
  return kibibytes.reduce((sum, one) => sum + Number(one) * 1_024, 0);
}

/** What `seq 1 last` writes to a terminal: each line ends with CR and LF. */
function bytesOfSeq(last: number): number {
  let bytes = 0;
  for (let number = 1; number <= last; number += 1) bytes += String(number).length + 2;
  return bytes;
}

describe.skipIf(!findChromium())("a tab that is really hidden", () => {
  // Without back-pressure as much as the page's buffers hold: more is an error, which another test has.
  test.for([
    { streams: true, last: 1_000_000 },
    { streams: false, last: 300_000 },
  ])(
    "loses nothing of a flood and does not grow (WebSocketStream: $streams)",
    async ({ streams, last }, { annotate }) => {
      const { tabs, tab, open, state, call } = terminalTab();
      await other.activate();
      await vi.waitFor(
        async () => expect(await tab.evaluate("document.visibilityState")).toBe("hidden"),
        patience,
      );
      // It waits at its end: a server has little patience with whoever is slow to read that.
      await open({ streams, command: ["sh", "-c", `seq 1 ${last}; read -r line`] });
      await vi.waitFor(async () => expect((await state()).shownBytes).toBeGreaterThan(0), patience);
      // Chromium lets its timers run once a second, and they are what xterm.js goes on by.
      await vi.waitFor(async () => expect(await call("timerMs")).toBeGreaterThan(500), patience);
      // Chromium may start one more, for a page to come.
      const pids = (await tabs.pageProcesses()).map(({ pid }) => pid);
      await tab.collectGarbage();
      const before = residentBytes(pids);
      await call("timerMs");
      await call("timerMs");
      await tab.collectGarbage();
      const grown = residentBytes(pids) - before;
      const unseen = await state();
      expect(unseen).toMatchObject({ visibility: "hidden", exit: "" });
      expect(unseen.mostPendingBytes).toBeLessThanOrEqual(524_288 + 65_536);
      expect(grown).toBeLessThan(16_000_000);
      await annotate(`${unseen.shownBytes} bytes shown unseen, ${grown} bytes grown`);

      await tab.activate();
      await vi.waitFor(
        async () => expect(await state()).toMatchObject({ shownBytes: bytesOfSeq(last), exit: "" }),
        patience,
      );
      const seen = await state();
      expect(seen.visibility).toBe("visible");
      expect(seen.mostPendingBytes).toBeLessThanOrEqual(524_288 + 65_536);
      const first = last - seen.lines.length + 1;
      expect(seen.lines.length).toBeGreaterThan(1_000);
      expect(seen.lines).toEqual(seen.lines.map((_, index) => String(first + index)));
      await call("type", "\r", "^$");
      await vi.waitFor(async () => expect((await state()).exit).toBe("exited 0"), patience);
    },
  );
});
