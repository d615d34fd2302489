import { expect, test } from "vitest";
import { type BrowserInstallation, type BrowserSources, setUpBrowser } from "../src/browser.ts";

/** A machine whose browsers are a list. */
function machine(browsers: string[], options: Partial<BrowserSources> = {}): BrowserSources {
  return {
    find: () => browsers[0],
    troubleWith: async () => undefined,
    installations: [],
    ...options,
  };
}

function installation(name: string, install: BrowserInstallation["install"]): BrowserInstallation {
  return { name, install };
}

const unexpected = installation("a second way", () => Promise.reject(new Error("was not to be tried")));

test("a browser that is there and starts is taken, and nothing is installed", async () => {
  const said: string[] = [];
  const sources = machine(["/usr/bin/chromium"], { installations: [unexpected] });
  expect(await setUpBrowser(sources, (line) => said.push(line))).toEqual({ path: "/usr/bin/chromium" });
  expect(said).toEqual([]);
});

test("the user's choice is taken without a look at it", async () => {
  const sources = machine([], { chosen: "/no/such/browser", troubleWith: async () => "does not start" });
  expect(await setUpBrowser(sources, () => {})).toEqual({ path: "/no/such/browser" });
});

test("the first installation that brings one is the last that is tried", async () => {
  const browsers: string[] = [];
  const said: string[] = [];
  const sources = machine(browsers, {
    installations: [
      installation("a download", async () => "no network"),
      installation("the packages", async () => {
        browsers.push("/usr/bin/chromium");
        return undefined;
      }),
      unexpected,
    ],
  });
  expect(await setUpBrowser(sources, (line) => said.push(line))).toEqual({ path: "/usr/bin/chromium" });
  expect(said).toEqual([
    "There is no browser to test with yet: trying a download.",
    "There is no browser to test with yet: trying the packages.",
  ]);
});

test("a browser that does not start is replaced by one that does", async () => {
  const browsers = ["/broken"];
  const sources = machine(browsers, {
    troubleWith: async (path) => (path === "/broken" ? "a library is missing" : undefined),
    installations: [
      installation("the packages", async () => {
        browsers.unshift("/usr/bin/chromium");
        return undefined;
      }),
    ],
  });
  expect(await setUpBrowser(sources, () => {})).toEqual({ path: "/usr/bin/chromium" });
});

test("without any, everything that went wrong is told once", async () => {
  const sources = machine(["/broken"], {
    troubleWith: async () => "a library is missing",
    installations: [
      installation("a download", async () => "no network"),
      installation("the packages", async () => undefined),
    ],
  });
  expect(await setUpBrowser(sources, () => {})).toEqual({
    troubles: ["/broken: a library is missing", "a download: no network"],
  });
});
