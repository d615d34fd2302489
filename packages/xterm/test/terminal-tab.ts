import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll } from "vitest";
import { pageScriptOf } from "../../../tools/checks/src/page-script.ts";
import { findChromium } from "../../../tools/conformance/src/chromium.ts";
import { launchTabs, type Tab, type Tabs } from "../../../tools/conformance/src/tabs.ts";
import type { TerminalState, TerminalTask, terminalPage } from "./fixtures/terminal-page.ts";

/** A tab with a terminal, driven from outside and seen by nobody's debugger, and a server for it. */
export interface TerminalTab {
  readonly tabs: Tabs;
  readonly tab: Tab;
  /** Runs a command on a terminal. */
  open(task: Pick<TerminalTask, "command" | "streams">): Promise<void>;
  state(): Promise<TerminalState>;
  call(method: keyof typeof terminalPage, ...args: unknown[]): Promise<unknown>;
}

/** The tab of a test file, open while its tests run. */
export function useTerminalTab(): () => TerminalTab {
  const name = "seen";
  let site: Server;
  let server: DevServer;
  let tabs: Tabs;
  let tab: Tab;

  beforeAll(async () => {
    if (!findChromium()) return;
    const script = await pageScriptOf(new URL("fixtures/terminal-page.ts", import.meta.url), "terminalPage");
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
    await tab.evaluate(`import("/page.js").then(() => undefined)`);
  });

  afterAll(async () => {
    await tabs?.[Symbol.asyncDispose]();
    site?.closeAllConnections();
    site?.close();
    await server?.close();
  });

  const call: TerminalTab["call"] = (method, ...args) =>
    tab.evaluate(`terminalPage.${method}(...${JSON.stringify(args)})`);
  return () => ({
    tabs,
    tab,
    async open(task) {
      await call("open", { ...server.config, name, ...task } satisfies TerminalTask);
    },
    state: async () => (await call("state")) as TerminalState,
    call,
  });
}
