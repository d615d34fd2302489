import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bundlers } from "../src/consumer/bundlers.ts";
import { faultsOfOutput } from "../src/consumer/pages.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../src/temporary-folder.ts";

// Bundlers compute all the time.
vi.setConfig({ testTimeout: 120_000 });

let folder: TemporaryFolder;
beforeEach(async () => {
  // As when a user builds: otherwise vite keeps its warnings for the page.
  vi.stubEnv("NODE_ENV", "production");
  folder = await createTemporaryFolder();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder[Symbol.asyncDispose]();
});

describe.for(Object.entries(bundlers))("%s", ([, bundle]) => {
  async function faultsOf(code: string): Promise<readonly string[]> {
    const entry = join(folder.path, "entry.mjs");
    await writeFile(entry, code);
    try {
      return faultsOfOutput(await bundle(entry));
    } catch (error) {
      return [`fails: ${error}`];
    }
  }

  test("finds nothing wrong with a module for pages", async () => {
    expect(await faultsOf("globalThis.length = document.title.length;")).toEqual([]);
  });

  test("does not take a module of Node without a word", async () => {
    const faults = await faultsOf('import { connect } from "node:tls"; globalThis.connect = connect;');
    expect(faults.join("\n")).toMatch(/node:tls/);
  });

  test("leaves Buffer where it was, which is found", async () => {
    expect(await faultsOf("globalThis.bytes = Buffer.from(document.title);")).toEqual([
      "leaves Buffer in the page",
    ]);
  });
});
