import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import type { DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Footprint } from "./fixtures/load-host.ts";
import { openSession, type RawSession } from "./sessions.ts";

// What a server holds under load, measured in a process of its own.

// A GiB each way is much work for a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const mebibyte = 1_048_576;
const messageBytes = 65_536;

let host: ChildProcess;
let server: Pick<DevServer, "url" | "config">;

beforeAll(async () => {
  host = fork(fileURLToPath(new URL("fixtures/load-host.ts", import.meta.url)), {
    // Collected at once and not in the background, or what is counted is how busy the machine is.
    execArgv: ["--expose-gc", "--single-threaded-gc", "--conditions=@podwire/source", "--import", "tsx"],
  });
  [server] = await once(host, "message");
});

afterAll(async () => {
  const ended = once(host, "exit");
  host.disconnect();
  expect(await ended).toEqual([0, null]);
});

/** What the server holds: "glance" is without collecting first, and with "go" its programs go on. */
async function ask(what: "look" | "glance" | "go"): Promise<Footprint> {
  const answered = once(host, "message");
  host.send(what);
  const [footprint]: Footprint[] = await answered;
  if (!footprint) throw new Error("the server said nothing");
  return footprint;
}

/** What the server holds when neither it nor this client moves anything any more. */
async function askWhenIdle({ socket }: RawSession): Promise<Footprint> {
  let before = "";
  for (let still = 0; ; ) {
    const now = `${socket.bufferedAmount} ${(await ask("glance")).writtenBytes}`;
    still = now === before ? still + 1 : 0;
    if (still === 100) return ask("look");
    before = now;
  }
}

async function expectEmpty(): Promise<void> {
  // The server may hear of the end after the client.
  await vi.waitFor(
    async () => expect(await ask("glance")).toMatchObject({ connections: 0, open: 0 }),
    10_000,
  );
}

const exec = (command: string) =>
  `load/exec?stdin=true&stdout=true&${command
    .split(" ")
    .map((word) => `command=${word}`)
    .join("&")}`;
const open = (target: string) => openSession(server, target);
const openMany = (target: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => open(target)));

/** Sends stdin, and resolves when it is with the system. */
function write({ socket }: RawSession, payload: Uint8Array): Promise<void> {
  const message = Buffer.concat([Buffer.of(0), payload]);
  return new Promise((resolve, reject) => {
    socket.send(message, (error) => (error ? reject(error) : resolve()));
  });
}

/** Takes the output of a session as it comes, so that this process holds none of it. */
function countOutput({ socket }: RawSession) {
  const output = { bytes: 0, sum: 0, status: "" };
  // Nobody has said anything yet: the programs of this file wait for a byte first.
  socket.removeAllListeners("message");
  socket.on("message", (message: Buffer) => {
    const payload = message.subarray(1);
    if (message[0] === 3) output.status = JSON.parse(payload.toString()).status;
    if (message[0] !== 1) return;
    output.bytes += payload.byteLength;
    output.sum = crc32(payload, output.sum);
  });
  return output;
}

test("five hundred execs of a function at once are each answered whole", async () => {
  const sessions = await openMany(exec("cat"), 500);
  const inputs = sessions.map((_, index) => Buffer.alloc(messageBytes, `<${index}>`));
  await Promise.all(sessions.map((session, index) => write(session, inputs[index] ?? Buffer.of())));
  for (const session of sessions) session.send("ff 00");
  await Promise.all(sessions.map(({ closed }) => closed));
  for (const [index, session] of sessions.entries()) {
    expect(session.bytes(1).equals(inputs[index] ?? Buffer.of()), `of session ${index}`).toBe(true);
    expect(JSON.parse(session.text(3)).status).toBe("Success");
  }
  await expectEmpty();
});

test("two thousand idle attaches each hear a byte and say one, and leave nothing when they go", async () => {
  const round = async (): Promise<Footprint> => {
    const sessions = await openMany("load/attach?stdin=true&stdout=true", 2_000);
    const crowded = await ask("go");
    expect(crowded.connections).toBe(2_000);
    await Promise.all(sessions.map((session) => session.until(({ text }) => text(1) === "!")));
    for (const session of sessions) session.send("00 61");
    await Promise.all(sessions.map((session) => session.until(({ text }) => text(1) === "!all")));
    for (const [index, { socket }] of sessions.entries())
      index % 2 === 0 ? socket.close() : socket.terminate();
    await Promise.all(sessions.map(({ closed }) => closed));
    await expectEmpty();
    return crowded;
  };
  await round();
  const { heldBytes: before } = await ask("look");
  const { heldBytes: crowded } = await round();
  const { heldBytes: after } = await ask("look");
  // 32 KiB an attach.
  expect(crowded - before).toBeLessThan(64 * mebibyte);
  expect(after - before).toBeLessThan(2 * mebibyte);
});

describe("one session", () => {
  // What one session leaves in the recording, and what code that runs for the first time makes, is there before.
  beforeAll(async () => {
    const session = await open(exec("cat"));
    for (let sent = 0; sent < 32; sent++) await write(session, Buffer.alloc(messageBytes));
    session.send("ff 00");
    await session.closed;
    await expectEmpty();
  });

  test("carries 1 GiB in and 1 GiB out, of which the server holds next to nothing", async () => {
    const { heldBytes: before } = await ask("look");
    const session = await open(exec("cat"));
    const output = countOutput(session);
    const payload = Buffer.alloc(messageBytes, "podwire");
    let sum = 0;
    let most = 0;
    for (let sent = 0; sent < 1_024 * mebibyte; sent += messageBytes) {
      // No two are the same, so that none can stand for another.
      payload.writeUInt32LE(sent / messageBytes);
      sum = crc32(payload, sum);
      const written = write(session, payload);
      // Enough at once that nobody waits for somebody who has nothing to do.
      if (session.socket.bufferedAmount > 4 * mebibyte) await written;
      if (sent % (64 * mebibyte) === 0) most = Math.max(most, (await ask("look")).heldBytes);
    }
    session.send("ff 00");
    expect(await session.closed).toBe(1000);
    expect(output).toEqual({ bytes: 1_024 * mebibyte, sum, status: "Success" });
    expect(most - before).toBeLessThan(8 * mebibyte);
    await expectEmpty();
  });

  test("whose client stops reading makes the server hold less than 8 MiB, and loses nothing", async () => {
    const { heldBytes: before } = await ask("look");
    const session = await open(exec(`flood ${64 * mebibyte}`));
    session.socket.pause();
    const { heldBytes, writtenBytes } = await askWhenIdle(session);
    expect(writtenBytes).toBeLessThan(64 * mebibyte);
    expect(heldBytes - before).toBeLessThan(8 * mebibyte);
    session.socket.resume();
    expect(await session.closed).toBe(1000);
    expect(session.bytes(1).byteLength).toBe(64 * mebibyte);
    expect(JSON.parse(session.text(3)).status).toBe("Success");
    await expectEmpty();
  });

  test("whose program never reads makes the server hold less than 8 MiB, and loses nothing", async () => {
    const { heldBytes: before } = await ask("look");
    const session = await open(exec("deaf"));
    const written = Array.from({ length: 1_024 }, () => write(session, Buffer.alloc(messageBytes)));
    session.send("ff 00");
    const { heldBytes } = await askWhenIdle(session);
    expect(session.socket.bufferedAmount).toBeGreaterThan(32 * mebibyte);
    expect(heldBytes - before).toBeLessThan(8 * mebibyte);
    await ask("go");
    await Promise.all(written);
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe(String(64 * mebibyte));
    await expectEmpty();
  });
});
