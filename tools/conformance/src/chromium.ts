import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** How a Chromium is started that looks for nothing but its page. */
export const chromiumArguments: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the Chromium to test with, for tests that need more than one page, or a page of another origin. */
export function launchChromium(...more: readonly string[]): Promise<Browser> {
  return chromium.launch(chromiumOptions(...more));
}

/** Which Chromium Playwright starts, and how. */
export function chromiumOptions(...more: readonly string[]): { executablePath?: string; args: string[] } {
  const executablePath = findChromium();
  // A page that a test makes up comes from no address, so Chromium would ask its user before it may come to this machine.
  const asking = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets";
  const args = [...chromiumArguments, asking, ...more];
  return { ...(executablePath && { executablePath }), args };
}

/** The Chromium to test with: `PODWIRE_CHROMIUM`, one of the system's, or the one Playwright has downloaded. */
export function findChromium(): string | undefined {
  const chosen = process.env["PODWIRE_CHROMIUM"];
  // A wrong path must fail where it is used, not fall back in silence.
  if (chosen) return chosen;
  return usualPlaces.find((path) => existsSync(path)) ?? playwrightChromium();
}

function playwrightChromium(): string | undefined {
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}
