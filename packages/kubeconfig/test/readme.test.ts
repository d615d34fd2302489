import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const errors = readFileSync(new URL("../src/errors.ts", import.meta.url), "utf8");

describe("the README of kubeconfig", () => {
  it("lists every error code once, in the order of the union", () => {
    const start = errors.indexOf("KubeconfigErrorCode =");
    const union = errors.slice(start, errors.indexOf(";", start));
    const codes = Array.from(union.matchAll(/"([A-Z_]+)"/g), (match) => match[1]);
    const listed = Array.from(readme.matchAll(/^\| `([A-Z_]+)` +\|/gm), (match) => match[1]);
    expect(codes.length).toBeGreaterThan(0);
    expect(listed).toEqual(codes);
  });
});
