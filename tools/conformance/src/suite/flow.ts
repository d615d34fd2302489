import { describe, expect, test } from "vitest";
import type { Recording } from "../recorder.ts";
import { eventually, expectOneEnd, finish, type Wire } from "./wire.ts";

const mebibyte = 1024 * 1024;
const floodBytes = 200_000_000;

/** Nobody is made to hold more than agreed, in either direction. */
export function flowTests(wire: Wire): void {
  const backpressure = wire.capabilities.readBackpressure;

  describe("reading", () => {
    test("late loses nothing, and the end comes after the last message", async () => {
      const target = wire.target("/flood?bytes=3000000");
      const recording = await wire.open(target, {}, { accept: (connection) => connection.pause() });
      await eventually(async () => expect((await target.report()).pushedBytes).toBeGreaterThan(mebibyte));
      expect(recording.messages).toEqual([]);
      expect(recording.closes).toEqual([]);
      recording.connection.resume();
      expect(await recording.closed).toMatchObject({ code: 1000, wasClean: true });
      expect(bytesOf(recording)).toBe(3_000_000);
      expectNumbered(recording);
      expectOneEnd(recording);
    });

    test("late loses nothing of a little, not even after the peer has closed", async () => {
      const target = wire.target("/flood?bytes=100000");
      const recording = await wire.open(target, {}, { accept: (connection) => connection.pause() });
      // A ws that is paused does not see the Close, and answers none.
      if (wire.capabilities.ping)
        await eventually(async () => expect((await target.report()).pushedBytes).toBe(100_000));
      else await eventually(async () => expect((await target.report()).ended).toBe(1));
      recording.connection.resume();
      expect(await recording.closed).toEqual({ code: 1000, reason: "", wasClean: true });
      expect(bytesOf(recording)).toBe(100_000);
      expectOneEnd(recording);
    });

    test("not at all from the start spares even what came with the 101", async () => {
      const target = wire.target("/same-packet");
      const recording = await wire.open(target, {}, { accept: (connection) => connection.pause() });
      await target.report();
      expect(recording.messages).toEqual([]);
      recording.connection.resume();
      await eventually(() => expect(recording.messages).toEqual(["hello", new Uint8Array([1, 2, 3]), ""]));
      recording.connection.terminate();
    });

    test("can be paused and resumed from inside a message, time and again", async () => {
      const recording = await wire.open(
        wire.target("/flood?bytes=3000000"),
        // Room for all of it: a WebSocketStream that had to stop its peer may lose the end, and would say so.
        { receiveBufferLimitBytes: 32 * mebibyte },
        {
          message: (_data, { connection, messages }) => {
            connection.pause();
            // Sometimes at once, sometimes when other things have run.
            if (messages.length % 3 === 0) connection.resume();
            else setTimeout(() => connection.resume(), 1);
          },
        },
      );
      expect(await recording.closed).toMatchObject({ code: 1000 });
      expect(bytesOf(recording)).toBe(3_000_000);
      expectNumbered(recording);
      expectOneEnd(recording);
    });

    test("stops at a pause, but for what had been read before", async () => {
      const target = wire.target("/burst");
      const recording = await wire.open(
        target,
        {},
        { message: (_data, { connection }) => connection.pause() },
      );
      await eventually(() => expect(recording.messages.length).toBeGreaterThan(0));
      // A round trip to the server, in which the burst would have arrived.
      await target.report();
      if (!backpressure) expect(recording.messages).toEqual(["0"]);
      while (recording.messages.length < 100) {
        const before = recording.messages.length;
        recording.connection.resume();
        await eventually(() => expect(recording.messages.length).toBeGreaterThan(before));
      }
      expect(recording.messages).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
      recording.connection.resume();
      await finish(recording);
    });

    test.runIf(backpressure)(
      "nothing of a flood stops the server, and closing is quick",
      async ({ annotate }) => {
        const target = wire.target(`/flood?bytes=${floodBytes}`);
        const recording = await wire.open(
          target,
          { closeTimeoutMs: 15_000 },
          { accept: (connection) => connection.pause() },
        );
        const pushed = await settledPushedBytes(target.report);
        await annotate(`the server pushed ${pushed} bytes before it was stopped`);
        expect(pushed).toBeLessThan(20_000_000);
        expect(recording.messages).toEqual([]);
        recording.connection.close();
        expect(await recording.closed).toMatchObject({ code: 1000, wasClean: true });
        const report = await target.report();
        expect(report.pushedBytes).toBeLessThan(40_000_000);
        expectOneEnd(recording);
      },
    );

    test.runIf(!backpressure)(
      "nothing of a flood fails loudly, and what was kept can still be read",
      async ({ annotate }) => {
        const target = wire.target(`/flood?bytes=${floodBytes}`);
        const count = 32;
        const recording = await wire.open(
          target,
          // Messages of 64 KiB, and 128 bytes for each.
          { receiveBufferLimitBytes: count * (65_536 + 128) },
          { accept: (connection) => connection.pause() },
        );
        await eventually(async () => expect((await target.report()).closeCode).toBe(4008));
        expect(recording.closes).toEqual([]);
        expect(() => recording.connection.send("late")).toThrow(
          expect.objectContaining({ code: "NOT_OPEN" }),
        );
        recording.connection.resume();
        expect((await recording.closed).error).toMatchObject({ code: "RECEIVE_OVERFLOW" });
        const { pushedBytes } = await target.report();
        await annotate(`the server pushed ${pushedBytes} bytes before it saw the Close`);
        expect(bytesOf(recording)).toBe(count * 65_536);
        expectNumbered(recording);
        expectOneEnd(recording);
      },
    );

    test.runIf(!backpressure)("an overflow does not outlive a close, nor a termination", async () => {
      for (const method of ["close", "terminate"] as const) {
        const target = wire.target("/flood?bytes=5000000");
        const recording = await wire.open(
          target,
          { receiveBufferLimitBytes: 100_000 },
          { accept: (connection) => connection.pause() },
        );
        await eventually(async () => expect((await target.report()).closeCode).toBe(4008));
        recording.connection[method]();
        expect((await recording.closed).error).toMatchObject({ code: "RECEIVE_OVERFLOW" });
        expect(recording.messages).toEqual([]);
        expectOneEnd(recording);
      }
    });
  });

  describe("writing", () => {
    test("below the mark asks nobody to wait", async () => {
      const recording = await wire.open(wire.target("/echo"));
      expect(recording.connection.send(new Uint8Array(1_000))).toBe(true);
      await eventually(() => expect(recording.connection.bufferedAmount).toBe(0));
      expect(recording.drains).toBe(0);
      await finish(recording);
    });

    test("to a peer that does not read asks to wait, and says once when to go on", async () => {
      const target = wire.target("/slow");
      const recording = await wire.open(target, { sendMarkBytes: mebibyte });
      const { connection } = recording;
      const piece = new Uint8Array(256 * 1024);
      let sentBytes = 0;
      let stuckMs = 0;
      // Until the buffers of both systems are full as well: nothing has moved for a while, and nothing has just now.
      for (let before = -1; stuckMs < 300 || connection.bufferedAmount < mebibyte; ) {
        while (connection.bufferedAmount < mebibyte) {
          sentBytes += piece.byteLength;
          expect(connection.send(piece)).toBe(connection.bufferedAmount < mebibyte);
        }
        stuckMs = connection.bufferedAmount === before ? stuckMs + 20 : 0;
        before = connection.bufferedAmount;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const drainsBefore = recording.drains;
      expect(sentBytes).toBeLessThan(40_000_000);
      await target.release();
      await eventually(() => expect(recording.drains).toBe(drainsBefore + 1));
      expect(connection.bufferedAmount).toBeLessThan(mebibyte / 2);
      await eventually(async () => expect((await target.report()).receivedBytes).toBe(sentBytes));
      expect(recording.drains).toBe(drainsBefore + 1);
      await finish(recording);
    });

    test("to a peer that closes once it has all says to go on before the end", async () => {
      for (let round = 0; round < 3; round += 1) {
        const bytes = 16 * mebibyte;
        const recording = await wire.open(wire.target(`/take?bytes=${bytes}`));
        let last = true;
        for (let sent = 0; sent < bytes; sent += mebibyte) {
          last = recording.connection.send(new Uint8Array(mebibyte));
        }
        expect(last).toBe(false);
        expect(await recording.closed).toMatchObject({ code: 1000, wasClean: true });
        // Who waits for it knows that all was written: the end alone does not say so.
        expect(recording.drains).toBe(1);
        expectOneEnd(recording);
      }
    });

    test("is delivered before the Close that follows it", async () => {
      const target = wire.target("/slow");
      const recording = await wire.open(target);
      recording.connection.send(new Uint8Array(3_000_000));
      recording.connection.close();
      await target.release();
      expect(await recording.closed).toMatchObject({ code: 1000, wasClean: true });
      await eventually(async () =>
        expect(await target.report()).toMatchObject({ receivedBytes: 3_000_000, closeCode: 1000 }),
      );
      expect(recording.drains).toBe(0);
      expectOneEnd(recording);
    });
  });
}

/** The count when the server could not push anything for half a second. */
async function settledPushedBytes(report: () => Promise<{ pushedBytes: number }>): Promise<number> {
  let pushed = -1;
  for (let quietMs = 0; quietMs < 500; quietMs += 50) {
    const now = (await report()).pushedBytes;
    if (now !== pushed) quietMs = 0;
    pushed = now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return pushed;
}

function bytesOf(recording: Recording): number {
  return recording.messages.reduce((sum, message) => sum + message.length, 0);
}

/** The messages of a flood carry their number. */
function expectNumbered(recording: Recording): void {
  const numbers = recording.messages.map((message) =>
    typeof message === "string" ? -1 : new DataView(message.buffer, message.byteOffset).getUint32(0),
  );
  expect(numbers).toEqual(numbers.map((_, index) => index));
}
