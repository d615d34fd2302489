import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installed } from "../../checks/src/installation.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../../checks/src/temporary-folder.ts";
import { startTransportServer, type TransportServer } from "../../conformance/src/transport-server.ts";
import { packages } from "../src/packages.ts";
import { inapplicable } from "../src/suite/inapplicable.ts";
import { prepareSuite } from "../src/suite/prepare.ts";
import { startWorkerd, type Workerd } from "../src/workerd.ts";

const installation = await installed(packages);
const [program = ""] = installation.trouble === undefined ? installation.commandOf("workerd") : [];

let folder: TemporaryFolder;
let server: TransportServer;
let workerd: Workerd;
let names: readonly string[];

describe.skipIf(installation.trouble)("the transport suite in workerd", () => {
  beforeAll(async () => {
    folder = await createTemporaryFolder();
    server = await startTransportServer();
    workerd = await startWorkerd(program, folder.path, await prepareSuite());
    names = await (await fetch(workerd.url)).json();
  });
  afterAll(async () => {
    await workerd?.[Symbol.asyncDispose]();
    await server?.close();
    await folder?.[Symbol.asyncDispose]();
  });

  /** What was wrong, or nothing. */
  async function faultOf(index: number): Promise<string> {
    const body = JSON.stringify({ index, server: server.url });
    return (await fetch(workerd.url, { method: "POST", body })).text();
  }

  test("passes but for what workerd does in its own way", async () => {
    expect(names.length).toBeGreaterThan(100);
    expect(names).toEqual(expect.arrayContaining(Object.keys(inapplicable)));
    const faults: Record<string, string> = {};
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < names.length) {
        const index = next++;
        const fault = await faultOf(index);
        if (fault !== "") faults[names[index] ?? ""] = fault;
      }
    };
    // Most of them only wait.
    await Promise.all(Array.from({ length: 6 }, lane));
    const unexpected = Object.entries(faults).filter(([name]) => !(name in inapplicable));
    expect(Object.fromEntries(unexpected)).toEqual({});
    const stale = Object.keys(inapplicable).filter((name) => !(name in faults));
    expect(stale, "what is listed as not applicable holds by now").toEqual([]);
  });
});
