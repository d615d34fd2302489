import { mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFileSpool } from "../src/node/file-spool.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podwire-test-"));
  vi.stubEnv("TMPDIR", folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function drain(spool: ReturnType<typeof createFileSpool>): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let part = await spool.read(); part.byteLength > 0; part = await spool.read()) parts.push(part);
  return Buffer.concat(parts).toString("latin1");
}

test("gives back what it took, in order, and counts what is left", async () => {
  const spool = createFileSpool(1_000);
  const reused = Buffer.from("first");
  expect(spool.write(reused)).toBe(true);
  reused.fill("x");
  expect(spool.write(Buffer.from(" second"))).toBe(true);
  expect(spool.byteLength).toBe(12);
  expect(await drain(spool)).toBe("first second");
  expect(spool.byteLength).toBe(0);
  await spool.dispose();
});

test("takes nothing of what would exceed its limit", async () => {
  const spool = createFileSpool(10);
  expect(spool.write(Buffer.from("12345678"))).toBe(true);
  expect(spool.write(Buffer.from("abc"))).toBe(false);
  expect(spool.write(Buffer.from("ab"))).toBe(true);
  expect(await drain(spool)).toBe("12345678ab");
  await spool.dispose();
});

test("any writes and reads come out as they went in, around the end of the file too", async () => {
  const step = fc.oneof(fc.constant("read" as const), fc.uint8Array({ maxLength: 40 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
      async (steps, limit) => {
        const spool = createFileSpool(limit);
        let model = Buffer.alloc(0);
        for (const one of steps) {
          if (one === "read") {
            const bytes = await spool.read();
            expect(Buffer.from(bytes)).toEqual(model.subarray(0, bytes.byteLength));
            expect(bytes.byteLength > 0).toBe(model.byteLength > 0);
            model = model.subarray(bytes.byteLength);
          } else {
            const fits = model.byteLength + one.byteLength <= limit;
            expect(spool.write(one)).toBe(fits);
            if (fits) model = Buffer.concat([model, one]);
          }
          expect(spool.byteLength).toBe(model.byteLength);
        }
        expect(await drain(spool)).toBe(model.toString("latin1"));
        await spool.dispose();
      },
    ),
    { numRuns: 200 },
  );
});

test("has no name while it is used, and no open file afterwards", async () => {
  const before = await openFiles();
  const spool = createFileSpool(1_000);
  spool.write(Buffer.from("secret"));
  await spool.written();
  expect(await readdir(folder)).toEqual([]);
  expect(await openFiles()).toBe(before + 1);
  await spool.dispose();
  await spool.dispose();
  expect(await openFiles()).toBe(before);
  expect(spool.write(Buffer.from("late"))).toBe(false);
});

test("says when it cannot write", async () => {
  vi.stubEnv("TMPDIR", join(folder, "missing"));
  const spool = createFileSpool(1_000);
  spool.write(Buffer.from("lost?"));
  await expect(spool.written()).rejects.toMatchObject({ code: "ENOENT" });
  await expect(spool.read()).rejects.toMatchObject({ code: "ENOENT" });
  await spool.dispose();
});

/** Files of the test's folder that this process has open. */
async function openFiles(): Promise<number> {
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  return links.filter((link) => link.startsWith(folder)).length;
}
