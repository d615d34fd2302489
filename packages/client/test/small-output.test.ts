import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { attach, type SmallOutput, type SmallSession } from "../src/index.ts";
import { hex } from "./api-server.ts";
import { expectNothingUnhandled } from "./garbage.ts";
import { useSmallServer } from "./small-server.ts";

expectNothingUnhandled();

const mebibyte = 1_048_576;
const success = hex("03 7b22737461747573223a2253756363657373227d");

const server = useSmallServer();

/** A session whose server sends these messages, and ends well. */
async function served(messages: Iterable<Uint8Array>): Promise<SmallSession> {
  server.behave = (socket) => {
    for (const message of messages) socket.send(message);
    socket.send(success);
    socket.close(1000);
  };
  return await attach(server.config, "p");
}

function* repeated(channel: 1 | 2, payloadBytes: number, count: number): Generator<Uint8Array> {
  const message = new Uint8Array(payloadBytes + 1).fill(0x61);
  message[0] = channel;
  for (let sent = 0; sent < count; sent += 1) yield message;
}

async function lengthOf(output: SmallOutput): Promise<number> {
  let length = 0;
  for await (const chunk of output) length += chunk.byteLength;
  return length;
}

/** What a promise of an error comes to. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe("reading", () => {
  test("stops the server while nobody reads, and goes on with everything", async () => {
    let socket: WebSocket | undefined;
    server.behave = (opened) => {
      socket = opened;
      for (const message of repeated(1, 65_536, 1_024)) opened.send(message);
      opened.send(success);
      opened.close(1000);
    };
    const session = await attach(server.config, "p");
    // What the kernels hold, and what was read of it, is far below 64 MiB.
    await expect.poll(() => socket?.bufferedAmount, { timeout: 10_000 }).toBeLessThan(64 * mebibyte);
    const reader = session.stdout.readable.getReader();
    let length = (await reader.read()).value?.byteLength ?? 0;
    expect(socket?.bufferedAmount).toBeGreaterThan(32 * mebibyte);
    reader.releaseLock();
    length += await lengthOf(session.stdout);
    expect(length).toBe(64 * mebibyte);
  });

  test("a loop that is left early leaves the rest, and a second reader is refused until then", async () => {
    const session = await served([hex("01 61"), hex("01 62"), hex("01 63")]);
    const seen: string[] = [];
    for await (const chunk of session.stdout) {
      seen.push(Buffer.from(chunk).toString());
      expect(() => session.stdout[Symbol.asyncIterator]()).toThrow(
        expect.objectContaining({ code: "READER_BUSY" }),
      );
      if (seen.length === 2) break;
    }
    for await (const chunk of session.stdout) seen.push(Buffer.from(chunk).toString());
    expect(seen).toEqual(["a", "b", "c"]);
    expect(await lengthOf(session.stdout)).toBe(0);
  });

  test("a reader that leaves while it waits takes nothing with it, and is not in the way of the next", async () => {
    let send = (_message: Uint8Array): void => {};
    server.behave = (socket) => {
      send = (message) => socket.send(message);
    };
    await using session = await attach(server.config, "p");
    const first = session.stdout[Symbol.asyncIterator]();
    const waiting = first.next();
    await first.return?.();
    expect(await Promise.all([waiting, first.next()])).toMatchObject([{ done: true }, { done: true }]);
    const second = session.stdout[Symbol.asyncIterator]();
    send(hex("01 61"));
    expect(await second.next()).toEqual({ done: false, value: Uint8Array.of(0x61) });
  });

  test("a stream that is cancelled takes the rest from nobody's memory, and the session ends as ever", async () => {
    const session = await served(repeated(1, 65_536, 640));
    await session.stdout.readable.cancel();
    const { stdout, status } = await session.exited;
    expect([stdout, status]).toEqual([
      { receivedBytes: 40 * mebibyte, discardedBytes: 0 },
      { status: "Success" },
    ]);
  });

  test("can be piped", async () => {
    const session = await served(repeated(2, 1_000, 100));
    let length = 0;
    await session.stderr.readable.pipeTo(
      new WritableStream({
        write(chunk) {
          length += chunk.byteLength;
        },
      }),
    );
    expect(length).toBe(100_000);
  });

  test("a channel that was not asked for is at its end at once", async () => {
    server.behave = () => undefined;
    await using session = await attach(server.config, "p", { stderr: false });
    expect(await lengthOf(session.stderr)).toBe(0);
  });
});

describe("what nobody reads", () => {
  test("beside a reader is kept up to 16 MiB, then counted: who comes late learns how much is gone", async () => {
    const session = await served([...repeated(2, 65_536, 320), hex("01 61")]);
    expect(await lengthOf(session.stdout)).toBe(1);
    const { stderr, complete } = await session.exited;
    expect(stderr.receivedBytes).toBe(20 * mebibyte);
    expect(stderr.discardedBytes).toBeGreaterThan(4 * mebibyte - 1);
    expect(complete).toBe("incomplete");
    expect(await errorOf(lengthOf(session.stderr))).toMatchObject({
      code: "LIMIT_EXCEEDED",
      message: `${stderr.discardedBytes} bytes of stderr came when 16 MiB were unread`,
    });
  });

  test("of a channel whose reader has stopped ends the session at 16 MiB", async () => {
    const session = await served([hex("02 61"), ...repeated(2, 65_536, 320), hex("01 61")]);
    for await (const _ of session.stderr) break;
    const waiting = errorOf(lengthOf(session.stdout));
    expect(await session.exited).toMatchObject({ kind: "limitExceeded" });
    expect(await waiting).toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  test("while the end is waited for does not hold it up", async () => {
    const session = await served(repeated(1, 65_536, 320));
    expect(await session.waitForStatus()).toEqual({ status: "Success" });
  });

  test("of one byte a message costs more than its byte, and is not for nothing", async () => {
    const session = await served([...repeated(2, 1, 135_000), hex("01 61")]);
    expect(await lengthOf(session.stdout)).toBe(1);
    const { stderr } = await session.exited;
    // So many times 129 are 16 MiB.
    expect(stderr.receivedBytes - stderr.discardedBytes).toBe(130_056);
  });
});
