import { describe, expect, test, vi } from "vitest";
import { findChromium } from "../../../tools/conformance/src/chromium.ts";
import { useTerminalTab } from "./terminal-tab.ts";

vi.setConfig({ testTimeout: 360_000, hookTimeout: 120_000 });

const patience = { timeout: 40_000 };

const terminalTab = useTerminalTab();

describe.skipIf(!findChromium())("a terminal in a tab that nobody looks into", () => {
  test("answers Ctrl-C within half a second, five seconds into a flood", async ({ annotate }) => {
    const { open, state, call } = terminalTab();
    await open({ streams: true, command: ["sh", "-i"] });
    await call("type", "PS1='ready> '\r", "ready> $");
    let tookMs = Number.POSITIVE_INFINITY;
    // What else the machine does may hold up some of them.
    for (let flood = 0; flood < 6 && tookMs >= 500; flood += 1) {
      const { shownBytes } = await state();
      await call("type", "yes 'a line of some length, in colours or without'\r", "^$");
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      await vi.waitFor(
        async () => expect((await state()).shownBytes - shownBytes).toBeGreaterThan(1_000_000),
        patience,
      );
      const flooded = await state();
      tookMs = Number(await call("type", "\x03", "ready> $"));
      // The kernel holds most of what comes before the answer, and the terminal shows it all.
      const { shownBytes: after } = await state();
      await annotate(`${after - flooded.shownBytes} bytes and ${tookMs} ms later`);
    }
    expect(tookMs).toBeLessThan(500);
    expect((await state()).mostPendingBytes).toBeLessThanOrEqual(524_288 + 65_536);
  });
});
