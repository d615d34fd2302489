import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { findChromium } from "@podwire/tools-conformance/chromium";
import type { BrowserInstallation, BrowserSources } from "./browser.ts";
import { type Outcome, run } from "./command.ts";

const require = createRequire(import.meta.url);

const playwright: BrowserInstallation = {
  name: "Playwright's own download",
  install() {
    const folder = dirname(require.resolve("playwright/package.json"));
    // A closed network that drops packets would cost five times half a minute.
    const env = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "8000", ...process.env };
    return attempt([[process.execPath, join(folder, "cli.js"), "install", "chromium"]], env);
  },
};

function systemPackage(name: string): BrowserInstallation {
  const env: NodeJS.ProcessEnv = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return {
    name: `the system's packages (apt-get install ${name})`,
    install: () =>
      attempt(
        [
          ["apt-get", "update"],
          ["apt-get", "install", "--yes", "--no-install-recommends", name],
        ],
        env,
      ),
  };
}

/** How this machine comes to a Chromium. */
export function browserSources(): BrowserSources {
  return {
    chosen: process.env["PODWIRE_CHROMIUM"],
    find: findChromium,
    troubleWith: (path) => attempt([[path, "--version"]], process.env),
    installations: [playwright, ...(mayInstall() ? [systemPackage("chromium")] : [])],
  };
}

/** How this machine comes to a Firefox. */
export function firefoxSources(): BrowserSources {
  return {
    chosen: process.env["PODWIRE_FIREFOX"],
    find: () => ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => existsSync(path)),
    troubleWith: (path) => attempt([[path, "--version"]], process.env),
    installations: mayInstall() ? [systemPackage("firefox-esr")] : [],
  };
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

/** Runs commands one after the other; answers the last words of the first that fails. */
async function attempt(
  commands: readonly (readonly [program: string, ...args: string[]])[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  for (const [program, ...args] of commands) {
    let outcome: Outcome;
    try {
      outcome = await run(program, args, { env });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    if (outcome.code !== 0) return lastWordsOf(outcome.output) || `ended with code ${outcome.code}`;
  }
  return undefined;
}

function lastWordsOf(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  // Stack traces follow the error itself.
  const telling = lines.filter((line) => line !== "" && !line.startsWith("at "));
  return telling.find((line) => /^E:|error:/i.test(line)) ?? telling.at(-1) ?? "";
}
