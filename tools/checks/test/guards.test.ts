import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createWorkspaceCopy, type WorkspaceCopy } from "./workspace-copy.ts";

// Each fault goes into a copy of its own, and its check passes a copy without faults, so that it is the fault that fails it.

type Check = "size" | "typecheckWeb" | { readonly lint: string };

interface Fault {
  readonly title: string;
  readonly check: Check;
  readonly file: string;
  readonly lines: string;
  /** What the check must say. */
  readonly complaints: readonly (string | RegExp)[];
}

const entryOf = (name: string) => `packages/${name}/src/index.ts`;
const nodeImport = 'import { sep } from "node:path";\nexport const separator: string = sep;';

const faults: readonly Fault[] = [
  {
    title: "a Node import in codec fails the linter",
    check: { lint: "codec" },
    file: entryOf("codec"),
    lines: nodeImport,
    complaints: ["lint/correctness/noNodejsModules"],
  },
  {
    title: "a Node global in codec fails the linter",
    check: { lint: "codec" },
    file: entryOf("codec"),
    lines: 'export const empty: Uint8Array = Buffer.from("");',
    complaints: ["lint/style/noRestrictedGlobals"],
  },
  {
    title: "a Node import in codec fails the type check for pages",
    check: "typecheckWeb",
    file: entryOf("codec"),
    lines: nodeImport,
    complaints: [/packages\/codec\/src\/index\.ts\(1,\d+\): error TS\d+: .*node:path/],
  },
  {
    title: "a Node global in transport fails the type check for pages",
    check: "typecheckWeb",
    file: "packages/transport/src/browser.ts",
    lines: "export const platform: string = process.platform;",
    complaints: [/packages\/transport\/src\/browser\.ts\(1,\d+\): error TS\d+: .*'process'/],
  },
  ...[
    { from: "codec", to: "transport" },
    { from: "transport", to: "codec" },
    { from: "devserver", to: "codec" },
    { from: "client", to: "kubeconfig" },
  ].map(({ from, to }) => ({
    title: `${from} importing ${to} fails the linter`,
    check: { lint: from },
    file: from === "transport" ? "packages/transport/src/browser.ts" : entryOf(from),
    lines: `export * as other from "@podwire/${to}";`,
    complaints: ["lint/correctness/noUndeclaredDependencies", `@podwire/${to}`],
  })),
  {
    title: "a page entry that reaches ws fails the size check",
    check: "size",
    file: "packages/transport/src/browser.ts",
    lines: 'export { WebSocket as Socket } from "ws";',
    complaints: [
      "FAIL: @podwire/transport loads ws",
      "FAIL: @podwire/transport/browser loads ws",
      "FAIL: @podwire/client loads ws",
    ],
  },
  {
    title: "a page entry that uses a global of Node fails the size check",
    check: "size",
    file: entryOf("client"),
    lines: "export const platform = (): string => process.platform;",
    complaints: ["FAIL: @podwire/client uses process"],
  },
  {
    title: "a bundle over its budget fails the size check",
    check: "size",
    file: entryOf("codec"),
    // Random, so that compression cannot hide it.
    lines: `export const ballast = "${randomBytes(2_048).toString("base64")}";`,
    complaints: [/FAIL: codec, everything is \d+ bytes over its budget/],
  },
];

const run = (copy: WorkspaceCopy, check: Check) =>
  typeof check === "string" ? copy[check]() : copy.lint(check.lint);

const passed = new Map<string, Promise<void>>();

/** Once for each check, however many faults it is to find. */
function expectPassing(check: Check): Promise<void> {
  const key = JSON.stringify(check);
  const passing =
    passed.get(key) ??
    (async () => {
      await using copy = await createWorkspaceCopy();
      const { code, output } = await run(copy, check);
      expect(code, output).toBe(0);
    })();
  passed.set(key, passing);
  return passing;
}

describe("the guards of the repository", () => {
  for (const { title, check, file, lines, complaints } of faults) {
    test(title, { timeout: 120_000 }, async () => {
      await expectPassing(check);
      await using copy = await createWorkspaceCopy();
      await copy.prepend(file, lines);
      const broken = await run(copy, check);
      expect(broken.code, broken.output).toBe(1);
      for (const complaint of complaints) expect(broken.output).toMatch(complaint);
    });
  }
});
