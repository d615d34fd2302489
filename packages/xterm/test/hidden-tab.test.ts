import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bundle } from "../../../tools/checks/src/bundle.ts";
import { findChromium } from "../../../tools/conformance/src/chromium.ts";
import { launchTabs, type Tab, type Tabs } from "../../../tools/conformance/src/tabs.ts";
import type { HiddenState, HiddenTask, hidden } from "./fixtures/hidden-page.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const patience = { timeout: 40_000 };

const name = "hidden";
let site: Server;
let server: DevServer;
let tabs: Tabs;
let tab: Tab;
let other: Tab;

beforeAll(async () => {
  if (!findChromium()) return;
  const fixture = fileURLToPath(new URL("fixtures/hidden-page.ts", import.meta.url));
  const code = `import { hidden } from ${JSON.stringify(fixture)}; Object.assign(globalThis, { hidden });`;
  const { script } = await bundle(code, fileURLToPath(new URL("..", import.meta.url)));
  site = createServer(({ url }, response) => {
    response.setHeader("Content-Type", url === "/page.js" ? "text/javascript" : "text/html");
    response.end(url === "/page.js" ? script : "<!doctype html><title>a page</title>");
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const pageUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  server = await createDevServer({ allowedOrigins: [pageUrl] });
  const pods = new Api(Pod, { client: createClient(server.config) });
  await pods.create({
    metadata: { name },
    spec: { containers: [{ name: "main", image: "busybox", command: ["sleep", "1000"] }] },
  });
  tabs = await launchTabs();
  tab = await tabs.open(pageUrl);
  await vi.waitFor(async () => expect(await tab.evaluate("document.title")).toBe("a page"), patience);
  await tab.evaluate(`import("/page.js").then(() => undefined)`);
  other = await tabs.open("about:blank");
});

afterAll(async () => {
  await tabs?.[Symbol.asyncDispose]();
  site?.closeAllConnections();
  site?.close();
  await server?.close();
});

function call(method: keyof typeof hidden, ...args: unknown[]): Promise<unknown> {
  return tab.evaluate(`hidden.${method}(...${JSON.stringify(args)})`);
}

async function stateNow(): Promise<HiddenState> {
  return (await call("state")) as HiddenState;
}

async function residentBytes(): Promise<number> {
  const pids = await tabs.pagePids();
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
    { streams: true, last: 2_000_000 },
    { streams: false, last: 300_000 },
  ])(
    "loses nothing of a flood and does not grow (WebSocketStream: $streams)",
    async ({ streams, last }, { annotate }) => {
      await other.activate();
      await vi.waitFor(
        async () => expect(await tab.evaluate("document.visibilityState")).toBe("hidden"),
        patience,
      );
      const task: HiddenTask = { ...server.config, name, streams, command: ["seq", "1", `${last}`] };
      await call("open", task);
      await vi.waitFor(async () => expect((await stateNow()).shownBytes).toBeGreaterThan(0), patience);
      // Chromium lets its timers run once a second, and they are what xterm.js goes on by.
      await vi.waitFor(async () => expect(await call("timerMs")).toBeGreaterThan(500), patience);
      const before = await residentBytes();
      await call("timerMs");
      await call("timerMs");
      const grown = (await residentBytes()) - before;
      const unseen = await stateNow();
      // Without back-pressure nobody waits for the terminal, and all may have come.
      expect(unseen).toMatchObject({ visibility: "hidden", ...(streams && { exit: "" }) });
      expect(unseen.mostPendingBytes).toBeLessThanOrEqual(524_288 + 65_536);
      expect(grown).toBeLessThan(16_000_000);
      await annotate(`${unseen.shownBytes} bytes shown unseen, ${grown} bytes grown`);

      await tab.activate();
      await vi.waitFor(async () => expect((await stateNow()).exit).toBe("exited 0"), patience);
      const seen = await stateNow();
      expect(seen).toMatchObject({ visibility: "visible", shownBytes: bytesOfSeq(last) });
      expect(seen.mostPendingBytes).toBeLessThanOrEqual(524_288 + 65_536);
      const first = last - seen.lines.length + 1;
      expect(seen.lines.length).toBeGreaterThan(1_000);
      expect(seen.lines).toEqual(seen.lines.map((_, index) => String(first + index)));
    },
  );
});
