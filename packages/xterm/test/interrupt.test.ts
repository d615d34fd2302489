import { describe, expect, test, vi } from "vitest";
import { findChromium } from "../../../tools/conformance/src/chromium.ts";
import { useTerminalTab } from "./terminal-tab.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const terminalTab = useTerminalTab();

describe.skipIf(!findChromium())("a terminal in a tab that nobody looks into", () => {
  test("answers Ctrl-C within half a second, five seconds into a flood", async ({ annotate }) => {
    const { open, state, call } = terminalTab();
    await open({ streams: true, command: ["sh", "-i"] });
    await call("type", "PS1='ready> '\r", "ready> $");
    const tookMs: number[] = [];
    // What else the machine does may hold up one of them.
    for (let flood = 0; flood < 3; flood += 1) {
      const { shownBytes } = await state();
      await call("type", "yes 'a line of some length, in colours or without'\r", "^$");
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      const flooded = await state();
      expect(flooded.shownBytes - shownBytes).toBeGreaterThan(1_000_000);
      tookMs.push(Number(await call("type", "\x03", "ready> $")));
      // The kernel holds most of what comes before the answer, and the terminal shows it all.
      const { shownBytes: after } = await state();
      await annotate(`${after - flooded.shownBytes} bytes and ${tookMs.at(-1)} ms later`);
    }
    expect(Math.min(...tookMs)).toBeLessThan(500);
    expect((await state()).mostPendingBytes).toBeLessThanOrEqual(524_288 + 65_536);
  });
});
