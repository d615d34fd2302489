import { fork } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, hex, serve } from "../api-server.ts";
import { socketOf, switching } from "./raw-peer.ts";

// What a session holds while it lives, and after; measured in processes of their own.

const mebibyte = 1_048_576;
const success = hex("82 15 03 7b22737461747573223a2253756363657373227d 88 02 03e8");
const floodBytes: Readonly<Record<string, number>> = { flood: 1_024 * mebibyte, "warm-up": 192 * mebibyte };

let server: ApiServer;
beforeAll(async () => {
  server = await serve({
    upgrade(exchange, duplex) {
      const socket = socketOf(duplex);
      socket.resume();
      socket.write(switching(exchange, "v5.channel.k8s.io"));
      const command = exchange.query.find(([name]) => name === "command")?.[1] ?? "";
      push(socket, (floodBytes[command] ?? 0) / mebibyte);
    },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** 32 frames of 32 KiB of stdout. */
const megabyte = Buffer.concat(
  Array.from({ length: 32 }, () => Buffer.concat([hex("82 7e 8001 01"), Buffer.alloc(32_768, "x")])),
);

function push(socket: Socket, megabytes: number): void {
  if (megabytes === 0) socket.end(success);
  else socket.write(megabyte, () => push(socket, megabytes - 1));
}

const gigabyte = new URL("fixtures/gigabyte.ts", import.meta.url);
const manySessions = new URL("fixtures/many-sessions.ts", import.meta.url);

/** Runs a program of ours to its end, and answers with what it says. */
async function runChild(file: URL, ...args: string[]): Promise<unknown> {
  const child = fork(fileURLToPath(file), [server.url, ...args], {
    // Collected at once and not in the background, or what is counted is how busy the machine is.
    execArgv: ["--expose-gc", "--single-threaded-gc", "--conditions=@podwire/source", "--import", "tsx"],
  });
  let said: unknown;
  child.on("message", (message) => {
    said = message;
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  expect(code, file.pathname).toBe(0);
  return said;
}

describe("1 GiB that is read", { timeout: 600_000 }, () => {
  test.concurrent.each([
    ["slowly", "pause"],
    ["slowly", "spool"],
    ["never", "pause"],
    ["never", "spool"],
  ])("%s, with overflow %s, makes the process hold less than 16 MiB more", async (way, overflow) => {
    const said = await runChild(gigabyte, overflow, way);
    expect(said).toHaveProperty("heldBytes", expect.toSatisfy(isLessThan(16 * mebibyte)));
    // Malloc gives back what it likes; what nobody frees is a gigabyte.
    expect(said).toHaveProperty("rssBytes", expect.toSatisfy(isLessThan(96 * mebibyte)));
  });
});

test("10,000 sessions leave no socket, timer, listener or heap behind", { timeout: 600_000 }, async () => {
  const said = await runChild(manySessions);
  expect(said).toMatchObject({ resources: [], listeners: 0 });
  expect(said).toHaveProperty("heapGrewBytes", expect.toSatisfy(isLessThan(mebibyte)));
});

function isLessThan(limit: number): (value: number) => boolean {
  return (value) => value < limit;
}
