import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../src/command.ts";
import { createWorkspaceCopy } from "./workspace-copy.ts";

// All faults of a check go into one copy, in which each must be complained of by its file and its rule; a copy without
// faults passes, so that it is the faults that fail.

const checks = ["lint", "typecheckWeb", "size"] as const;

interface Fault {
  readonly title: string;
  readonly file: string;
  readonly line: string;
  /** What the check must say. */
  readonly complaints: readonly (string | RegExp)[];
}

const codec = "packages/codec/src/index.ts";
const client = "packages/client/src/index.ts";
const devserver = "packages/devserver/src/index.ts";
const transport = "packages/transport/src/browser.ts";

/** What the linter says of a rule that is broken in a file. */
const lintOf = (file: string, rule: string, more = ""): RegExp =>
  new RegExp(`^${file}:\\d+:\\d+ lint/${rule} ${more ? `[^]{0,400}?${more}` : ""}`, "m");

const faults: Readonly<Record<(typeof checks)[number], readonly Fault[]>> = {
  lint: [
    {
      title: "a Node import in codec",
      file: codec,
      line: 'export { sep } from "node:path";',
      complaints: [lintOf(codec, "correctness/noNodejsModules")],
    },
    {
      title: "a Node global in codec",
      file: codec,
      line: 'export const empty: Uint8Array = Buffer.from("");',
      complaints: [lintOf(codec, "style/noRestrictedGlobals")],
    },
    ...[
      { from: codec, to: "transport" },
      { from: transport, to: "codec" },
      { from: devserver, to: "codec" },
      { from: client, to: "kubeconfig" },
    ].map(({ from, to }) => ({
      title: `${from} importing ${to}`,
      file: from,
      line: `export * as other from "@podwire/${to}";`,
      complaints: [lintOf(from, "correctness/noUndeclaredDependencies", `@podwire/${to}`)],
    })),
  ],
  typecheckWeb: [
    {
      title: "a Node import in codec",
      file: codec,
      line: 'export { sep } from "node:path";',
      complaints: [/packages\/codec\/src\/index\.ts\(1,\d+\): error TS\d+: .*node:path/],
    },
    {
      title: "a Node global in transport",
      file: transport,
      line: "export const platform: string = process.platform;",
      complaints: [/packages\/transport\/src\/browser\.ts\(1,\d+\): error TS\d+: .*'process'/],
    },
  ],
  size: [
    {
      title: "a page entry that reaches ws",
      file: transport,
      line: 'export { WebSocket as Socket } from "ws";',
      complaints: [
        "FAIL: @podwire/transport loads ws",
        "FAIL: @podwire/transport/browser loads ws",
        "FAIL: @podwire/client loads ws",
      ],
    },
    {
      title: "a page entry that uses a global of Node",
      file: codec,
      line: "export const platform = (): string => process.platform;",
      complaints: ["FAIL: @podwire/codec uses process"],
    },
    {
      title: "a bundle over its budget",
      file: codec,
      // Random, so that compression cannot hide it.
      line: `export const ballast = "${randomBytes(2_048).toString("base64")}";`,
      complaints: [/FAIL: codec, everything is \d+ bytes over its budget/],
    },
  ],
};

describe.for(checks)("the check %s", (check) => {
  test("passes the repository", { timeout: 120_000 }, async () => {
    await using copy = await createWorkspaceCopy();
    const { code, output } = await copy[check]();
    expect(code, output).toBe(0);
  });

  describe("of a copy with faults", { timeout: 120_000 }, () => {
    let broken: Outcome;

    beforeAll(async () => {
      await using copy = await createWorkspaceCopy();
      for (const { file, line } of faults[check]) await copy.prepend(file, line);
      broken = await copy[check]();
    }, 120_000);

    test.for(faults[check])("fails $title", ({ complaints }) => {
      expect(broken.code, broken.output).toBe(1);
      for (const complaint of complaints) expect(broken.output).toMatch(complaint);
    });
  });
});
