import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium } from "@podwire/tools-conformance/chromium";
import ts from "typescript";
import { setUpBrowser } from "../browser.ts";
import { browserSources } from "../browser-sources.ts";
import { freeNamesOf } from "../free-names.ts";
import { nodeNamesOf } from "../purity.ts";
import { type BundlerOutput, bundlers } from "./bundlers.ts";
import { scriptOf } from "./script.ts";
import { startServing } from "./serving.ts";

const expected = "PING exited 3";

/** Bundles a page with every bundler and opens it in Chromium, where it has to have a session. */
export async function faultsOfPages(project: string): Promise<readonly string[]> {
  const { path, troubles } = await setUpBrowser(browserSources(), console.log);
  if (path === undefined) return [`there is no browser to open pages with: ${troubles.join("; ")}`];
  const source = await readFile(fileURLToPath(new URL("page/converse.ts", import.meta.url)), "utf8");
  const entry = join(project, "converse.mjs");
  await writeFile(entry, await scriptOf(source, "esm"));

  const faults: string[] = [];
  const scripts = new Map<string, string>();
  for (const [name, bundle] of Object.entries(bundlers)) {
    try {
      const output = await bundle(entry);
      scripts.set(name, output.script);
      faults.push(...faultsOfOutput(output).map((fault) => `${name} ${fault}`));
    } catch (error) {
      faults.push(`${name} fails: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  faults.push(...(await faultsOfRunning(project, scripts)));
  return faults;
}

/** What is wrong with a bundle, as far as can be seen without running it. */
export function faultsOfOutput({ script, warnings }: BundlerOutput): readonly string[] {
  return [
    ...warnings.map((warning) => `warns: ${warning}`),
    // As a module: a bundler may leave an import where it is.
    ...ts
      .preProcessFile(script, true, true)
      .importedFiles.map(({ fileName }) => `leaves ${fileName} to the page`),
    ...nodeNamesOf(freeNamesOf(script)).map((name) => `leaves ${name} in the page`),
  ];
}

async function faultsOfRunning(
  project: string,
  scripts: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const pages = createServer(({ url = "" }, response) => {
    const script = scripts.get(decodeURIComponent(url.slice(1)));
    response.setHeader("Content-Type", script === undefined ? "text/html" : "text/javascript");
    response.end(script ?? "<!doctype html>");
  });
  pages.listen(0, "127.0.0.1");
  await once(pages, "listening");
  const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  await using serving = await startServing(project, origin);
  const { server, token } = serving.access;
  const chromium = await launchChromium();
  const faults: string[] = [];
  try {
    for (const name of scripts.keys()) {
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
    pages.closeAllConnections();
    pages.close();
  }
  return faults;
}
