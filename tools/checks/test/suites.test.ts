import { expect, test } from "vitest";
import type { Browser } from "../src/browser.ts";
import { runSuites } from "../src/suites.ts";

interface Situation {
  readonly browser: Browser;
  readonly vitestCode: number;
  readonly demandAll: boolean;
}

const chromium: Browser = { path: "/usr/bin/chromium" };
const none: Browser = { troubles: ["a download: no network"] };

async function runWith({ browser, vitestCode, demandAll }: Situation) {
  const lines: string[] = [];
  const calls: unknown[] = [];
  const code = await runSuites({
    args: ["--reporter=dot", "frame"],
    demandAll,
    setUpBrowser: async () => browser,
    vitest: async (...call) => {
      calls.push(call);
      return vitestCode;
    },
    say: (line) => lines.push(line),
  });
  return { code, lines, calls };
}

test("with a browser both projects run, with the caller's arguments and that browser", async () => {
  const { code, lines, calls } = await runWith({ browser: chromium, vitestCode: 0, demandAll: true });
  expect(code).toBe(0);
  expect(calls).toEqual([
    [
      ["run", "--project", "node", "--project", "alone", "--project", "browser", "--reporter=dot", "frame"],
      { PODWIRE_CHROMIUM: "/usr/bin/chromium" },
    ],
  ]);
  expect(lines.filter(Boolean)).toEqual([
    expect.stringMatching(/^Not run: the cluster suites\. .*KUBECONFIG=/),
  ]);
});

test("without a browser the rest runs, and the last lines say what did not and how to enable it", async () => {
  const { code, lines, calls } = await runWith({ browser: none, vitestCode: 0, demandAll: false });
  expect(code).toBe(0);
  expect(calls).toEqual([
    [["run", "--project", "node", "--project", "alone", "--reporter=dot", "frame"], {}],
  ]);
  expect(lines.filter(Boolean)).toEqual([
    "No browser from a download: no network",
    expect.stringMatching(/^Not run: the browser suites\. .*PODWIRE_CHROMIUM/),
    expect.stringMatching(/^Not run: the cluster suites\./),
  ]);
});

test("where everything is demanded, no browser is a failure, after the rest has run", async () => {
  const { code, lines, calls } = await runWith({ browser: none, vitestCode: 0, demandAll: true });
  expect(code).toBe(1);
  expect(calls).toHaveLength(1);
  expect(lines.join("\n")).toMatch(/^FAIL: not run: the browser suites\./m);
});

test.each([chromium, none])("a failed suite is a failure (%j)", async (browser) => {
  expect((await runWith({ browser, vitestCode: 3, demandAll: false })).code).toBe(3);
});
