import { setUpBrowser } from "../../checks/src/browser.ts";
import { browserSources, firefoxSources } from "../../checks/src/browser-sources.ts";
import { run } from "../../checks/src/command.ts";
import { type Installed, installed } from "../../checks/src/installation.ts";
import { launchChromium } from "../../conformance/src/chromium.ts";
import { launchFirefox } from "./firefox.ts";
import { packages, programsOf } from "./packages.ts";
import type { RuntimeReport } from "./program/report.ts";
import type { Programs } from "./programs.ts";
import type { Site } from "./site.ts";
import { exploreInWorkerd } from "./workerd.ts";

/** What all runtimes are tried with. */
export interface Place {
  readonly folder: string;
  readonly programs: Programs;
  readonly site: Site;
}

/** One runtime, and how it runs the program. */
export interface Runtime {
  /** As the README calls it. */
  readonly name: string;
  /** Why it cannot be run here, if so. */
  readonly trouble?: string | undefined;
  /** Whether it has pages, and so terminals. */
  readonly browser?: boolean;
  explore(place: Place): Promise<RuntimeReport>;
}

/** All runtimes that the README names. */
export async function findRuntimes(): Promise<readonly Runtime[]> {
  const installation = await installed(packages);
  return [
    ...Object.keys(programsOf).map((name) => installedRuntime(name, installation)),
    await browser("Chromium", browserSources(), exploreInChromium),
    await browser("Firefox ESR", firefoxSources(), exploreInFirefox),
  ];
}

function installedRuntime(name: string, installation: Installed): Runtime {
  return {
    name,
    trouble: installation.trouble,
    async explore({ folder, programs, site }) {
      if (installation.trouble !== undefined) throw new Error(installation.trouble);
      const [program = ""] = installation.commandOf(name);
      if (name === "workerd") return exploreInWorkerd(program, folder, programs.worker, site.access);
      const args = name === "Deno" ? ["run", "--allow-all", programs.module] : [programs.module];
      const env = { PATH: process.env["PATH"], HOME: folder, PODWIRE_ACCESS: JSON.stringify(site.access) };
      const { code, stdout, output } = await run(program, args, { env });
      if (code !== 0) throw new Error(`${name} ended with code ${code}:\n${output}`);
      return JSON.parse(stdout);
    },
  };
}

async function browser(
  name: string,
  sources: Parameters<typeof setUpBrowser>[0],
  explore: (path: string, site: Site) => Promise<RuntimeReport>,
): Promise<Runtime> {
  const { path, troubles } = await setUpBrowser(sources, console.log);
  if (path !== undefined) return { name, browser: true, explore: ({ site }) => explore(path, site) };
  const trouble = `the tests of ${name} are not run: ${troubles.join("; ") || "it is not installed"}`;
  if (process.env["PODWIRE_DEMAND_ALL"] === "1") throw new Error(trouble);
  console.warn(trouble);
  return { name, trouble, explore: () => Promise.reject(new Error(trouble)) };
}

async function exploreInChromium(_: string, { pageUrl, access }: Site): Promise<RuntimeReport> {
  const chromium = await launchChromium();
  try {
    const page = await chromium.newPage();
    await page.goto(pageUrl);
    const call = `explore(${JSON.stringify(access)}).then(JSON.stringify)`;
    return JSON.parse(await page.evaluate<string>(call));
  } finally {
    await chromium.close();
  }
}

async function exploreInFirefox(path: string, { pageUrl, access }: Site): Promise<RuntimeReport> {
  await using firefox = await launchFirefox(path);
  await firefox.open(pageUrl);
  return JSON.parse(await firefox.call("explore", access));
}
