import { createSpool, type Spool } from "@podwire/transport";
import { afterEach, expect, test, vi } from "vitest";
import { createWorld, type World } from "./world.ts";

// What a disk does to a session that spools onto it.

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Sends messages of letters on stdout, each of 500 bytes. */
function flood({ connection }: World, messages: number): void {
  for (let count = 0; count < messages; count += 1) {
    connection.deliver(new Uint8Array(501).fill(0x61).fill(1, 0, 1));
  }
}

const success = Buffer.from("037b22737461747573223a2253756363657373227d", "hex");

/** A spool whose disk breaks when it is read. */
function unreadable(limitBytes: number): Spool {
  const spool = createSpool?.(limitBytes);
  if (!spool) throw new Error("this platform cannot spool");
  return {
    get byteLength() {
      return spool.byteLength;
    },
    get bufferedBytes() {
      return spool.bufferedBytes;
    },
    write: (bytes) => spool.write(bytes),
    written: () => spool.written(),
    read: () => Promise.reject(new Error("the disk is broken")),
    dispose: () => spool.dispose(),
  };
}

test("a folder that cannot be written fails the session, and every reader hears why", async () => {
  vi.stubEnv("TMPDIR", "/nowhere/at/all");
  const world = createWorld("spool");
  const reading = world.session.stderr.text();
  flood(world, 4);
  const late = world.session.stdout.text();
  for (const read of [reading, late]) await expect(read).rejects.toMatchObject({ code: "SPOOL_FAILED" });
  expect(await world.session.exited).toMatchObject({
    kind: "failed",
    error: { code: "SPOOL_FAILED", cause: { code: "ENOENT" } },
  });
});

test("a disk that breaks while it is read fails the session and its reader", async () => {
  const world = createWorld("spool", unreadable);
  flood(world, 4);
  await expect(world.session.stdout.text()).rejects.toMatchObject({ code: "SPOOL_FAILED" });
  expect(await world.session.exited).toMatchObject({ kind: "failed", error: { code: "SPOOL_FAILED" } });
});

test("a disk that breaks after a good end is no good end for the reader of the rest", async () => {
  const world = createWorld("spool", unreadable);
  flood(world, 4);
  world.connection.deliver(success);
  world.connection.end(1000);
  expect(await world.session.exited).toMatchObject({ kind: "exited", code: 0 });
  const read: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of world.session.stdout) read.push(chunk);
  })();
  await expect(reading).rejects.toMatchObject({ code: "SPOOL_FAILED" });
  // It was spooled from the first message on, as that alone is longer than what stays in memory.
  expect(Buffer.concat(read).byteLength).toBe(0);
  await expect(world.session.stdout.text()).rejects.toMatchObject({ code: "SPOOL_FAILED" });
});

test("leaving gives up what is still to be written, and the program goes on", async () => {
  const world = createWorld("spool");
  flood(world, 20);
  await world.session.close();
  // Two turns of the event loop, which a loop in between would never let come.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  await expect(world.session.stdout.text()).rejects.toThrow(/^\d+ bytes of stdout were discarded/);
});

test("cancelling one output gives the connection back to the other", async () => {
  const world = createWorld("spool");
  flood(world, 20);
  await world.session.stdout.readable.cancel();
  world.connection.deliver(Uint8Array.of(2, 0x62));
  world.connection.deliver(success);
  world.connection.end(1000);
  expect(await world.session.stderr.text()).toBe("b");
  expect(await world.session.exited).toMatchObject({ kind: "exited", stdout: { receivedBytes: 10_000 } });
});
