import { createDevServer, type DevServer } from "@podwire/devserver";
import { findChromium, launchChromium } from "@podwire/tools-conformance/chromium";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { createRequests, podsPath, shell } from "./requests.ts";

vi.setConfig({ hookTimeout: 60_000 });

let browser: Browser;

beforeAll(async () => {
  if (findChromium()) browser = await launchChromium("--host-resolver-rules=MAP rebound.test 127.0.0.1");
});

afterAll(() => browser?.close());

/** A server with a Pod to break into. */
async function startServer(allowedOrigins: string[] = []): Promise<DevServer> {
  const server = await createDevServer({ allowedOrigins });
  onTestFinished(() => server.close());
  await createRequests(server).run("web", shell("sleep 1000"));
  return server;
}

/** A page of any origin that needs no server: what it loads is its own, what it fetches later is real. */
async function pageAt(origin: string): Promise<Page> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const address = `${origin}/innocent.html`;
  await page.route(address, (route) => route.fulfill({ contentType: "text/html", body: "<title>a</title>" }));
  await page.goto(address);
  return page;
}

/** Tries what a page can: to exec, to list, and to plant a Pod whose creation it need not hear of. */
async function attack(page: Page, url: string, token: string | undefined) {
  const bearer = token && `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;
  return page.evaluate(
    async ({ api, token, bearer }) => {
      const exec = `${api.replace("http", "ws")}/web/exec?command=id&stdout=true`;
      const socket = await new Promise<string>((resolve) => {
        const opening = new WebSocket(exec, ["v5.channel.k8s.io", ...(bearer ? [bearer] : [])]);
        opening.onopen = opening.onerror = ({ type }) => resolve(type);
      });
      const headers = { ...(token && { authorization: `Bearer ${token}` }) };
      const list = await fetch(api, { headers }).then(
        ({ status }) => status,
        ({ name }) => name,
      );
      const container = { name: "main", image: "busybox", command: ["sleep", "60"] };
      const body = JSON.stringify({ metadata: { name: "planted" }, spec: { containers: [container] } });
      const asJson = { headers: { ...headers, "content-type": "application/json" } };
      for (const options of [asJson, { mode: "no-cors" as const }]) {
        await fetch(api, { method: "POST", body, ...options }).catch(() => undefined);
      }
      return { socket, list };
    },
    { api: url + podsPath, token, bearer },
  );
}

async function podsOf(server: DevServer): Promise<string[]> {
  const { text } = await createRequests(server).send("GET", podsPath);
  return JSON.parse(text).items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
}

// Both on this machine, which a page may reach.
const elsewhere = "http://127.0.0.1:9";

describe.skipIf(!findChromium())("a page of another origin", () => {
  test.for([
    ["with the token that it has stolen", true],
    ["without a token", false],
  ] as const)("cannot exec, list or plant Pods, %s", async ([, stolen]) => {
    const server = await startServer();
    const token = stolen ? server.config.token : undefined;
    expect(await attack(await pageAt(elsewhere), server.url, token)).toEqual({
      socket: "error",
      list: "TypeError",
    });
    expect(await podsOf(server)).toEqual(["web"]);
  });

  test("can do all of it where it is allowed, so these attacks would work", async () => {
    const server = await startServer([elsewhere]);
    const page = await pageAt(elsewhere);
    expect(await attack(page, server.url, server.config.token)).toEqual({ socket: "open", list: 200 });
    expect(await podsOf(server)).toEqual(["planted", "web"]);
  });

  test("is not helped by being allowed without the token", async () => {
    const server = await startServer([elsewhere]);
    expect(await attack(await pageAt(elsewhere), server.url, undefined)).toEqual({
      socket: "error",
      list: 403,
    });
    expect(await podsOf(server)).toEqual(["web"]);
  });
});

describe.skipIf(!findChromium())("a page whose name was bound to this machine after it was loaded", () => {
  test.for([
    ["with the token", true],
    ["without a token", false],
  ] as const)("cannot exec, list or plant Pods, %s", async ([, stolen]) => {
    const server = await startServer();
    const rebound = server.url.replace("127.0.0.1", "rebound.test");
    const token = stolen ? server.config.token : undefined;
    // The same origin, as the browser sees it: the page may read the refusal.
    expect(await attack(await pageAt(rebound), rebound, token)).toEqual({ socket: "error", list: 403 });
    expect(await podsOf(server)).toEqual(["web"]);
  });

  test("reaches the server: under a name of loopback the same page is in", async () => {
    const server = await startServer();
    const own = server.url.replace("127.0.0.1", "localhost");
    expect(await attack(await pageAt(own), own, server.config.token)).toEqual({ socket: "open", list: 200 });
    expect(await podsOf(server)).toEqual(["planted", "web"]);
  });
});
