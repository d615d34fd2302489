import type { ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { expectAlive, openSession, type RawSession, streamsQuery, v5 } from "./sessions.ts";

let written = 0;

/** Writes 64 KiB again and again, and counts them. */
const flood: ContainerProgram = async ({ stdout, signal }) => {
  const chunk = Buffer.alloc(65_536, "x");
  for (written = 0; !signal.aborted; written += chunk.byteLength) {
    await stdout.write(chunk);
    await new Promise(setImmediate);
  }
};

const served = serve("pod", { images: { flood } });

function attach(name: string, streams = "oe", protocol: string = v5): Promise<RawSession> {
  return openSession(served.server, `${name}/attach?${streamsQuery(streams)}`, [protocol]);
}

const said = (text: string) => Buffer.from(`\0${text}`);
const success = '{"metadata":{},"status":"Success"}';

describe("a slow client", () => {
  const moved = async (): Promise<number> => {
    const before = written;
    for (let exchanges = 0; exchanges < 20; exchanges++) await served.requests.send("GET", "/version");
    return written - before;
  };

  test("stops the container and everybody else, until it reads again or leaves", async () => {
    const name = await served.run({ image: "flood" });
    const [slow, fast] = await Promise.all([attach(name, "o"), attach(name, "o")]);
    await slow.until(({ messages }) => messages.length > 3);
    for (const way of ["resume", "terminate"] as const) {
      slow.socket.pause();
      while ((await moved()) > 0) expect(written).toBeLessThan(200 * 1_048_576);
      const got = fast.messages.length;
      slow.socket[way]();
      await fast.until(({ messages }) => messages.length > got + 100);
    }
    await served.requests.delete(name);
    expect(await fast.closed).toBe(1000);
  });

  test("gets all of it once it reads again", async () => {
    const name = await served.run({
      ...shell("read -r go; head -c 30000000 /dev/zero"),
      stdin: true,
      stdinOnce: true,
    });
    const slow = await attach(name, "io");
    slow.send(said("go\n"));
    slow.socket.pause();
    for (let exchanges = 0; exchanges < 50; exchanges++) await served.requests.send("GET", "/version");
    slow.socket.resume();
    expect(await slow.closed).toBe(1000);
    expect(slow.bytes(1)).toHaveLength(30_000_000);
    expect(slow.text(3)).toBe(success);
  });

  test("holds up nobody once it has left by the end of its input", async () => {
    const name = await served.run({ image: "flood", stdin: true });
    const [slow, fast] = await Promise.all([attach(name, "io"), attach(name, "o")]);
    slow.socket.pause();
    while ((await moved()) > 0) expect(written).toBeLessThan(200 * 1_048_576);
    const got = fast.messages.length;
    slow.send("ff 00");
    await fast.until(({ messages }) => messages.length > got + 100);
    await served.requests.delete(name);
    slow.socket.terminate();
  });
});

test("a program that does not read its input stops the client, and everything that client says", async () => {
  const name = await served.run({ ...shell("sleep 1000"), stdin: true });
  const session = await attach(name, "io");
  for (let sent = 0; sent < 512; sent++) session.send(Buffer.alloc(32_769));
  let before = -1;
  while (session.socket.bufferedAmount !== before) {
    before = session.socket.bufferedAmount;
    for (let exchanges = 0; exchanges < 20; exchanges++) await served.requests.send("GET", "/version");
  }
  expect(before).toBeGreaterThan(4_194_304);
  // Another client is not disturbed, and the end of the container ends it all.
  await expectAlive(await attach(name, "o"));
  await served.requests.delete(name);
  session.socket.terminate();
});
