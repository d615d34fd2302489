import { afterEach, expect, test, vi } from "vitest";
import { findChromium } from "../src/chromium.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("PODWIRE_CHROMIUM is taken as it is, so that a wrong path fails where it is used", () => {
  vi.stubEnv("PODWIRE_CHROMIUM", "/no/such/chromium");
  expect(findChromium()).toBe("/no/such/chromium");
});

test("an empty PODWIRE_CHROMIUM is none", () => {
  vi.stubEnv("PODWIRE_CHROMIUM", "");
  expect(findChromium()).not.toBe("");
});
