import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { launchChromium } from "@podwire/tools-conformance/chromium";
import ts from "typescript";
import { setUpBrowser } from "../browser.ts";
import { browserSources } from "../browser-sources.ts";
import { freeNamesOf } from "../free-names.ts";
import { nodeNamesOf } from "../purity.ts";
import { type BundlerOutput, bundlers } from "./bundlers.ts";
import { scriptOf } from "./script.ts";
import { startServing } from "./serving.ts";

/** What is bundled and run: together every entry for pages. */
const pages: readonly Page[] = [
  {
    name: "converse",
    source: new URL("page/converse.ts", import.meta.url),
    expected: "PING exited 3, shown [exited with code 4], framed",
    // Of xterm.js, which asks whether there is a Node.
    names: ["process"],
  },
  {
    name: "isomorphic",
    source: new URL("page/isomorphic.ts", import.meta.url),
    expected: "v5.channel.k8s.io detached",
    // Of isomorphic-ws, which asks whether there is one.
    names: ["global"],
    // It says in the field `browser` alone what is for pages.
    not: ["rollup, not told of pages"],
  },
];

interface Page {
  readonly name: string;
  readonly source: URL;
  /** What its `converse` answers with. */
  readonly expected: string;
  /** Names of Node that others in it mention. */
  readonly names: readonly string[];
  /** Bundlers that cannot know what to load. */
  readonly not?: readonly string[];
}

/** Bundles pages with every bundler and opens them in Chromium, where they have to have a session. */
export async function faultsOfPages(project: string): Promise<readonly string[]> {
  const { path, troubles } = await setUpBrowser(browserSources(), console.log);
  if (path === undefined) return [`there is no browser to open pages with: ${troubles.join("; ")}`];
  const faults: string[] = [];
  const bundled = new Map<string, Bundled>();
  for (const { name: page, source, expected, names, not } of pages) {
    const entry = join(project, `${page}.mjs`);
    await writeFile(entry, await scriptOf(await readFile(source, "utf8"), "esm"));
    for (const [bundler, bundle] of Object.entries(bundlers)) {
      if (not?.includes(bundler)) continue;
      const name = `${page} by ${bundler}`;
      try {
        const output = await bundle(entry);
        bundled.set(name, { script: output.script, expected });
        faults.push(...faultsOfOutput(output, names).map((fault) => `${name} ${fault}`));
      } catch (error) {
        faults.push(`${name} fails: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  faults.push(...(await faultsOfRunning(project, bundled)));
  return faults;
}

interface Bundled {
  readonly script: string;
  readonly expected: string;
}

/** What is wrong with a bundle, as far as can be seen without running it. */
export function faultsOfOutput(
  { script, warnings }: BundlerOutput,
  allowedNames: readonly string[] = [],
): readonly string[] {
  const names = nodeNamesOf(freeNamesOf(script)).filter((name) => !allowedNames.includes(name));
  return [
    ...warnings.map((warning) => `warns: ${warning}`),
    // As a module: a bundler may leave an import where it is.
    ...ts
      .preProcessFile(script, true, true)
      .importedFiles.map(({ fileName }) => `leaves ${fileName} to the page`),
    ...names.map((name) => `leaves ${name} in the page`),
  ];
}

async function faultsOfRunning(
  project: string,
  bundled: ReadonlyMap<string, Bundled>,
): Promise<readonly string[]> {
  const site = createServer(({ url = "" }, response) => {
    const script = bundled.get(decodeURIComponent(url.slice(1)))?.script;
    response.setHeader("Content-Type", script === undefined ? "text/html" : "text/javascript");
    response.end(script ?? "<!doctype html>");
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  await using serving = await startServing(project, origin);
  const { server, token } = serving.access;
  const chromium = await launchChromium();
  const faults: string[] = [];
  try {
    for (const [name, { expected }] of bundled) {
      const page = await chromium.newPage();
      page.on("pageerror", ({ message }) => faults.push(`${name}: the page throws ${message}`));
      await page.goto(origin);
      const load = `import(${JSON.stringify(`/${encodeURIComponent(name)}`)})`;
      const call = `converse(${JSON.stringify(server)}, ${JSON.stringify(token)})`;
      const answer = await page.evaluate<string>(`${load}.then(() => ${call})`).catch(String);
      if (answer !== expected) faults.push(`${name}: the page says ${answer}, and not ${expected}`);
      await page.close();
    }
  } finally {
    await chromium.close();
    site.closeAllConnections();
    site.close();
  }
  return faults;
}
