import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repository } from "../../checks/src/repository.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../../checks/src/temporary-folder.ts";
import { floodBytes } from "../src/explored.ts";
import type { RuntimeReport } from "../src/program/report.ts";
import { preparePrograms } from "../src/programs.ts";
import { findRuntimes, type Place } from "../src/runtimes.ts";
import { type Site, startSite } from "../src/site.ts";
import { rowOf, rowsOf } from "../src/table.ts";

const runtimes = await findRuntimes();
const rows = rowsOf(await readFile(join(repository, "README.md"), "utf8"), "Runtime");
let folder: TemporaryFolder;
let site: Site | undefined;
let place: Place;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  const programs = await preparePrograms(folder.path);
  site = await startSite(folder.path, programs.page);
  place = { folder: folder.path, programs, site };
  // It packs all packages and installs them.
}, 300_000);
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test("the README names the runtimes that are tried, and no others", () => {
  expect([...rows.keys()]).toEqual(runtimes.map(({ name }) => name));
});

describe.for(runtimes)("$name", (runtime) => {
  let report: RuntimeReport;
  const here = test.skipIf(runtime.trouble);

  here("can do what the README says", { timeout: 300_000 }, async () => {
    report = await runtime.explore(place);
    expect(rowOf(report)).toEqual(rows.get(runtime.name));
  });

  here("has sessions that work", () => {
    const { handshakeError, tls } = report.capabilities;
    expect(report.sessions).toEqual({
      attached: "hello world, exited 7",
      counted: "5, exited 3",
      sizes: ["100x30", "132x43"],
      missing: handshakeError === "none" ? "CONNECTION_FAILED" : "NOT_FOUND",
      spooled: tls ? floodBytes : "TypeError",
    });
  });

  test.skipIf(runtime.trouble !== undefined || !runtime.browser)("has terminals that work", () => {
    expect(report.terminal).toEqual({
      echoed: "typed-42",
      sizes: ["24 80", "31 101"],
      counted: 150_000,
      exit: "exited 3",
    });
  });

  here("says of its connections what they can really do", () => {
    const { hasBody, status } = report.refusal;
    expect(report.capabilities).toEqual({
      readBackpressure: report.flood.code === "none",
      headers: report.headers,
      tls: report.givenAuthority === "works",
      handshakeError: hasBody ? "full" : status === undefined ? "none" : "status",
      ping: report.ping,
    });
  });

  here("takes no server without a subprotocol, nor one whose authority it does not know", () => {
    // Chromium turns the first down by itself, and does not say why.
    const mismatch = report.means === "WebSocketStream" ? "CONNECT_FAILED" : "SUBPROTOCOL_MISMATCH";
    expect(report).toMatchObject({ mismatch, unknownAuthority: "CONNECT_FAILED" });
  });

  here("waits no longer for an upgrade than it is told to", () => {
    expect(report).toMatchObject({ silence: "HANDSHAKE_TIMEOUT", abort: "TimeoutError" });
  });

  here("reads 64 KiB of what a refusal says without end, and shows no credential in it", () => {
    const { bodyLength, hasBody, showsCredential } = report.refusal;
    expect(showsCredential).toBe(false);
    expect(bodyLength).toBeLessThanOrEqual(65_536);
    expect(bodyLength > 60_000).toBe(hasBody);
  });

  here("is gone a moment after it closes in the middle of a flood", () => {
    expect(report.closing.code).toBe(4321);
    // What says that it closes is the code; a hang would be a minute.
    expect(report.closing.ms).toBeLessThan(30_000);
  });
});
