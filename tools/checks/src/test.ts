import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setUpBrowser } from "./browser.ts";
import { browserSources } from "./browser-sources.ts";
import { repository } from "./repository.ts";
import { runSuites } from "./suites.ts";

const vitestFolder = dirname(createRequire(import.meta.url).resolve("vitest/package.json"));

process.exitCode = await runSuites({
  // Some package managers pass the dashes on that separate a script's arguments.
  args: process.argv.slice(process.argv[2] === "--" ? 3 : 2),
  demandAll: process.env["PODWIRE_DEMAND_ALL"] === "1",
  setUpBrowser: () => setUpBrowser(browserSources(), console.log),
  async vitest(args, env) {
    const child = spawn(process.execPath, [join(vitestFolder, "vitest.mjs"), ...args], {
      cwd: repository,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const [code]: unknown[] = await once(child, "close");
    return typeof code === "number" ? code : 1;
  },
  say: console.log,
});
