import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The Chromium to test with: `PODWIRE_CHROMIUM`, one of the system's, or the one Playwright has downloaded. */
export function findChromium(): string | undefined {
  const chosen = process.env["PODWIRE_CHROMIUM"];
  // A wrong path must fail where it is used, not fall back in silence.
  if (chosen) return chosen;
  return usualPlaces.find((path) => existsSync(path)) ?? playwrightChromium();
}

function playwrightChromium(): string | undefined {
  const { chromium } = createRequire(import.meta.url)("playwright");
  const path: string = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}
