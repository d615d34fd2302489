import { createDevServer, type DevServer } from "@podwire/devserver";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { pageScriptOf } from "../../../tools/checks/src/page-script.ts";
import { findChromium, launchChromium } from "../../../tools/conformance/src/chromium.ts";
import { Api, createClient, Pod } from "../src/index.ts";
import type { useServer } from "./fixtures/page.ts";
import { type SameOriginProxy, startProxy } from "./fixtures/same-origin-proxy.ts";

vi.setConfig({ hookTimeout: 60_000 });

type Answer = Awaited<ReturnType<typeof useServer>>;

let browser: Browser;
let server: DevServer;
let proxy: SameOriginProxy;
let script: string;

beforeAll(async () => {
  if (!findChromium()) return;
  script = await pageScriptOf(new URL("fixtures/page.ts", import.meta.url), "useServer");
  server = await createDevServer();
  proxy = await startProxy(server.config);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  proxy?.close();
  await server?.close();
});

async function openPage(url: string) {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(url);
  return page;
}

describe.skipIf(!findChromium())("a page with a proxy of its own origin", () => {
  test.for(["platform", "own"])(
    "uses the API server below a path, without a token, with the %s fetch and dial",
    async (own) => {
      const page = await openPage(proxy.origin);
      await page.evaluate(`0;${script}`);
      const answer = await page.evaluate<Answer>(`useServer("/cluster", ${JSON.stringify(own)})`);
      expect(answer).toMatchObject({
        output: "5",
        exitCode: 0,
        names: [true],
        said: 'pods "no-such-pod" not found',
      });
      expect(new Set(answer.fetched)).toEqual(new Set(own === "own" ? ["POST", "GET", "DELETE"] : []));
      const path = expect.stringMatching(/^\/cluster\/api\/v1\/namespaces\/default\/pods\/page-\w+\/exec$/);
      expect(answer.dialled).toEqual(own === "own" ? [path] : []);
      expect(script + (await page.content())).not.toContain(server.config.token);
    },
  );

  test("shares it with no page of another origin", async () => {
    const pods = new Api(Pod, { client: createClient(server.config) });
    const containers = [{ name: "main", image: "busybox:1.36", command: ["sleep", "1000"] }];
    await pods.create({ metadata: { name: "web" }, spec: { containers } });
    await pods.waitFor("web", ({ status }) => status?.phase === "Running");
    const other = await startProxy(server.config);
    onTestFinished(() => other.close());
    const outcomeAt = async (origin: string) => {
      const page = await openPage(origin);
      const path = "/cluster/api/v1/namespaces/default/pods/web/exec?command=id&stdout=true";
      return page.evaluate(
        (url) =>
          new Promise<string>((resolve) => {
            const socket = new WebSocket(url, ["v5.channel.k8s.io"]);
            socket.onopen = socket.onerror = ({ type }) => resolve(type);
          }),
        proxy.origin.replace("http", "ws") + path,
      );
    };
    expect(await outcomeAt(other.origin)).toBe("error");
    expect(await outcomeAt(proxy.origin)).toBe("open");
  });
});
