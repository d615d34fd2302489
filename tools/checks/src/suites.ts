import type { Browser } from "./browser.ts";

/** What running the suites needs. */
export interface SuitesOptions {
  /** For vitest. */
  readonly args: readonly string[];
  /** Whether a suite that cannot run is a failure. */
  readonly demandAll: boolean;
  setUpBrowser(): Promise<Browser>;
  /** Runs vitest; answers its exit code. */
  vitest(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number>;
  say(line: string): void;
}

/** Runs every suite that needs no cluster, and says last what it could not run; answers the exit code. */
export async function runSuites(options: SuitesOptions): Promise<number> {
  const { path, troubles } = await options.setUpBrowser();
  const projects = path === undefined ? ["node", "alone"] : ["node", "alone", "browser"];
  // The configuration takes this very browser, and does not look for one itself.
  const env = path === undefined ? {} : { PODWIRE_CHROMIUM: path };
  const code = await options.vitest(
    ["run", ...projects.flatMap((name) => ["--project", name]), ...options.args],
    env,
  );
  options.say("");
  for (const trouble of troubles ?? []) options.say(`No browser from ${trouble}`);
  if (path === undefined) {
    options.say(
      `${options.demandAll ? "FAIL: not" : "Not"} run: the browser suites. ` +
        "To enable them, install chromium, or set PODWIRE_CHROMIUM to the path of a Chromium or Chrome.",
    );
  }
  options.say(
    "Not run: the cluster suites. To run them on a real Kubernetes: KUBECONFIG=… npx -y pnpm@12 test:cluster",
  );
  return code === 0 && path === undefined && options.demandAll ? 1 : code;
}
