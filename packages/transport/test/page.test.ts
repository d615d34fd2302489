import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { pageScriptOf } from "../../../tools/checks/src/page-script.ts";
import { findChromium, launchChromium } from "../../../tools/conformance/src/chromium.ts";
import {
  startTransportServer,
  type TransportServer,
} from "../../../tools/conformance/src/transport-server.ts";
import type { TestPage } from "./fixtures/page.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let server: TransportServer;
let browser: Browser;
let script: string;

beforeAll(async () => {
  if (!findChromium()) return;
  server = await startTransportServer();
  browser = await launchChromium();
  script = await pageScriptOf(new URL("fixtures/page.ts", import.meta.url), "page");
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** A page with the fixture in it, in a browser with WebSocketStream or as one without. */
async function openPage(streams: boolean, headers: Record<string, string> = {}) {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.route(`${server.url}/page`, (route) =>
    route.fulfill({ contentType: "text/html", headers, body: "<title>a page</title>" }),
  );
  await page.goto(`${server.url}/page`);
  await page.evaluate((keep) => keep || Reflect.deleteProperty(globalThis, "WebSocketStream"), streams);
  await page.evaluate(script);
  const call = <name extends keyof TestPage>(name: name, ...args: Parameters<TestPage[name]>) =>
    page.evaluate<Awaited<ReturnType<TestPage[name]>>>(`page.${name}(...${JSON.stringify(args)})`);
  return { page, call };
}

/** How many bytes larger the processes of the browser's pages are now. */
async function watchMemory(): Promise<() => number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const pids = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  const residentBytes = () => {
    const kibibytes = execFileSync("ps", ["-o", "rss=", "-p", pids.join()]).toString().trim().split(/\s+/);
    return kibibytes.reduce((sum, one) => sum + Number(one) * 1_024, 0);
  };
  // One that Chromium keeps ready for the next page may only just have been started.
  const before = await settled(residentBytes);
  return () => residentBytes() - before;
}

/** Bytes that wait in the two ends of the server's connections, as proc_net_tcp of Linux has them; unknown elsewhere. */
function heldBySystems(): number | undefined {
  if (!existsSync("/proc/net/tcp")) return undefined;
  const port = Number(new URL(server.url).port).toString(16).toUpperCase().padStart(4, "0");
  let bytes = 0;
  for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n")) {
    const [, local = "", remote = "", , queues = ""] = line.trim().split(/\s+/);
    if (!local.endsWith(`:${port}`) && !remote.endsWith(`:${port}`)) continue;
    const [unsent = "0", unread = "0"] = queues.split(":");
    // A listener's queue is of connections.
    if (!remote.endsWith(":0000")) bytes += Number.parseInt(unsent, 16) + Number.parseInt(unread, 16);
  }
  return bytes;
}

/** A number that has not changed by more than 1 MB for a second. */
async function settled(read: () => number): Promise<number> {
  let last = read();
  for (let quietMs = 0; quietMs < 1_000; quietMs += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (Math.abs(read() - last) <= 1_000_000) continue;
    last = read();
    quietMs = 0;
  }
  return read();
}

/** What the server has pushed, and what of it the systems hold: of two looks between which nothing moved. */
function looked(id: string): Promise<{ readonly pushed: number; readonly held: number | undefined }> {
  let before: unknown;
  const look = () => {
    const now = { pushed: server.reportOf(id).pushedBytes, held: heldBySystems() };
    const last = before;
    before = now;
    expect(now).toEqual(last);
    return now;
  };
  return vi.waitFor(look, { timeout: 10_000 });
}

describe.skipIf(!findChromium())("a page that reads nothing of 200 MB", () => {
  const flood = (id: string) => `${server.url}/flood?bytes=200000000&id=${id}`;

  test("stops the server with WebSocketStream, grows by less than 16 MB, and closes in a second", async ({
    annotate,
  }) => {
    const { call } = await openPage(true);
    // A page's first WebSocket costs what no other does.
    await call("openPaused", `${server.url}/flood?bytes=3000000`);
    await call("close");
    const growth = await watchMemory();
    expect(await call("openPaused", flood("stream"))).toBe(true);
    await settled(() => server.reportOf("stream").pushedBytes);
    const grown = growth();
    const { pushed, held } = await looked("stream");
    await annotate(`the server pushed ${pushed} bytes, systems hold ${held}, the page grew by ${grown}`);
    expect(pushed).toBeGreaterThan(524_288);
    // How much both systems buffer is theirs, from 4 to 9 MB.
    expect(pushed - (held ?? 0)).toBeLessThan(held === undefined ? 8_000_000 : 1_500_000);
    expect(grown).toBeLessThan(16_000_000);
    const end = await call("close");
    expect(end).toMatchObject({ code: 1000, wasClean: true, error: undefined });
    let { ms } = end;
    // What else the machine does may hold up some of them.
    for (let more = 0; more < 5 && ms >= 1_000; more += 1) {
      await call("openPaused", flood(`stream-${more}`));
      await settled(() => server.reportOf(`stream-${more}`).pushedBytes);
      ({ ms } = await call("close"));
    }
    await annotate(`closed after ${ms} ms`);
    expect(ms).toBeLessThan(1_000);
  });

  test("fails at its bound without, grows by less than 16 MB, and closes in a second", async ({
    annotate,
  }) => {
    const { call } = await openPage(false);
    // A page's first WebSocket costs what no other does.
    await call("openPaused", `${server.url}/flood?bytes=3000000`);
    await call("close");
    const overflow = async (id: string): Promise<void> => {
      expect(await call("openPaused", flood(id))).toBe(false);
      await vi.waitFor(() => expect(server.reportOf(id).closeCode).toBe(4008), { timeout: 60_000 });
    };
    const growth = await watchMemory();
    await overflow("plain");
    const grown = growth();
    const pushed = server.reportOf("plain").pushedBytes;
    await annotate(`the server pushed ${pushed} bytes, the page grew by ${grown}`);
    expect(grown).toBeLessThan(16_000_000);
    // The server may have come to its own Close before it reads this one's 4008.
    const end = await call("close");
    expect(end).toMatchObject({ wasClean: true, error: "RECEIVE_OVERFLOW" });
    let { ms } = end;
    for (let more = 0; more < 5 && ms >= 1_000; more += 1) {
      await overflow(`plain-${more}`);
      ({ ms } = await call("close"));
    }
    await annotate(`closed after ${ms} ms`);
    expect(ms).toBeLessThan(1_000);
  });
});

describe.skipIf(!findChromium()).each([
  ["WebSocketStream", true],
  ["WebSocket", false],
])("what a developer sees of a page with %s", (_name, streams) => {
  const secret = "bearer.c2VjcmV0LXRva2Vu";

  test("never shows the credential, in errors of ours or in the console", async () => {
    const { page, call } = await openPage(streams);
    const seen: string[] = [];
    page.on("console", (message) => seen.push(message.text()));
    page.on("pageerror", (error) => seen.push(`uncaught: ${error.stack}`));
    const port1 = "ws://127.0.0.1:1/";
    for (const path of ["/refuse?status=401", "/no-protocol", "/choose-last", "/wrong-accept", "/silent"]) {
      seen.push(await call("refusal", server.url + path, secret));
    }
    seen.push(await call("refusal", port1, secret));
    const text = seen.join("\n");
    expect(text).toContain("CONNECT_FAILED");
    expect(text).toContain("HANDSHAKE_TIMEOUT");
    expect(text).not.toContain("uncaught");
    expect(text).not.toContain("c2VjcmV0");
  });

  test("is a failure to connect where the page's own policy forbids it", async () => {
    const { page, call } = await openPage(streams, { "content-security-policy": "connect-src 'none'" });
    const seen: string[] = [];
    page.on("console", (message) => seen.push(message.text()));
    seen.push(await call("refusal", `${server.url}/echo`, secret));
    expect(seen.at(-1)).toMatch(/^CONNECT_FAILED/);
    expect(seen.join("\n")).not.toContain("c2VjcmV0");
  });
});
