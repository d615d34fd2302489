import { readFileSync } from "node:fs";
import type { ContainerContext, DevServerErrorCode, DevServerOptions } from "@podwire/devserver";
import { expect, test } from "vitest";
import { defaultLimits } from "../src/limits.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Everything that the README has to name; a missing or a foreign one does not compile. */
const codes = {
  LISTEN_FAILED: true,
  REFUSED: true,
  POD_FAILED: true,
  TIMED_OUT: true,
  SESSION_ENDED: true,
  CLOSED: true,
} satisfies Record<DevServerErrorCode, true>;
const options = {
  port: true,
  host: true,
  allowedHosts: true,
  token: true,
  images: true,
  allowedOrigins: true,
  tls: true,
  personality: true,
  idleMs: true,
  strict: true,
  limits: true,
} satisfies Record<keyof DevServerOptions, true>;
const context = {
  args: true,
  env: true,
  tty: true,
  exec: true,
  size: true,
  stdin: true,
  stdout: true,
  stderr: true,
  signal: true,
} satisfies Record<keyof ContainerContext, true>;

const firstCells = (pattern: RegExp): (string | undefined)[] =>
  [...readme.matchAll(pattern)].map(([, name]) => name);

test("the README's example of vitest is one that runs", () => {
  const example = readFileSync(new URL("readme-example.test.ts", import.meta.url), "utf8");
  expect(readme).toContain(`\n\`\`\`ts\n${example}\`\`\`\n`);
});

test("the README lists every option, and no other", () => {
  expect(firstCells(/^\| `([a-z]\w*)` +\| .+ \| .+ \| .+ \|$/gm)).toEqual(Object.keys(options));
});

test("the README lists every limit and its default", () => {
  const rows = [...readme.matchAll(/^\| `limits\.(\w+)` +\| `([\d_]+)` +\|/gm)];
  const listed = rows.map(([, name, value = ""]) => [name, Number(value.replaceAll("_", ""))]);
  expect(listed).toEqual(Object.entries(defaultLimits));
});

test("the README says what to do about every code, and about no other", () => {
  expect(firstCells(/^\| `([A-Z_]+)` +\| .+ \| .+ \|$/gm)).toEqual(Object.keys(codes));
});

test("the README names all that a function gets", () => {
  const [, names = ""] = /A function gets `\{ (.+?) \}`/.exec(readme) ?? [];
  expect(names.split(", ")).toEqual(Object.keys(context));
});
