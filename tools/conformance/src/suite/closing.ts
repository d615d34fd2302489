import { describe, expect, test } from "vitest";
import { eventually, expectOneEnd, finish, type Wire } from "./wire.ts";

/** Every connection ends exactly once, and says how. */
export function closingTests(wire: Wire): void {
  describe("closing", () => {
    test("without arguments says 1000", async () => {
      const target = wire.target("/echo");
      const recording = await wire.open(target);
      recording.connection.close();
      expect(await recording.closed).toEqual({ code: 1000, reason: "", wasClean: true });
      await eventually(async () => expect((await target.report()).closeCode).toBe(1000));
      expectOneEnd(recording);
    });

    test.for([3000, 4999])("carries the code %i and a reason, both ways", async (code) => {
      const target = wire.target("/echo");
      const recording = await wire.open(target);
      recording.connection.close(code, "genug für heute");
      expect(await recording.closed).toMatchObject({ code, wasClean: true });
      await eventually(async () => {
        expect(await target.report()).toMatchObject({ closeCode: code, closeReason: "genug für heute" });
      });
    });

    test.for([0, 999, 1001, 1005, 1006, 2999, 5000, 1000.5, Number.NaN])(
      "refuses the code %d",
      async (code) => {
        const recording = await wire.open(wire.target("/echo"));
        expect(() => recording.connection.close(code)).toThrow(RangeError);
        expect(recording.connection.send("still open")).toBe(true);
        await finish(recording);
      },
    );

    test("refuses a reason of more than 123 bytes", async () => {
      const recording = await wire.open(wire.target("/echo"));
      expect(() => recording.connection.close(1000, "ü".repeat(62))).toThrow(RangeError);
      recording.connection.close(4000, `${"ü".repeat(61)}.`);
      expect(await recording.closed).toMatchObject({ code: 4000, wasClean: true });
    });

    test("twice is closing once", async () => {
      const target = wire.target("/echo");
      const recording = await wire.open(target);
      recording.connection.close(4001);
      recording.connection.close(4002);
      expect(await recording.closed).toMatchObject({ code: 4001 });
      recording.connection.close(4003);
      await eventually(async () => expect((await target.report()).closeCode).toBe(4001));
      expectOneEnd(recording);
    });

    test("stops the messages at once", async () => {
      const recording = await wire.open(
        wire.target("/burst"),
        {},
        { message: (_data, { connection }) => connection.close() },
      );
      await recording.closed;
      expect(recording.messages).toEqual(["0"]);
      expectOneEnd(recording);
    });

    test("works while paused, with a flood behind the pause", async () => {
      const recording = await wire.open(
        wire.target("/flood?bytes=3000000"),
        {},
        { accept: (connection) => connection.pause() },
      );
      recording.connection.close();
      expect(await recording.closed).toMatchObject({ code: 1000, wasClean: true });
      expect(recording.messages).toEqual([]);
      expectOneEnd(recording);
    });

    test("inside accept still opens and ends", async () => {
      const recording = await wire.open(
        wire.target("/echo"),
        {},
        { accept: (connection) => connection.close(4000) },
      );
      expect(await recording.closed).toMatchObject({ code: 4000, wasClean: true });
      expectOneEnd(recording);
    });

    test("has a deadline for a peer that does not answer", async () => {
      const target = wire.target("/accept-then-silent");
      const recording = await wire.open(target, { closeTimeoutMs: 300 });
      const start = performance.now();
      recording.connection.close();
      expect(await recording.closed).toMatchObject({
        code: 1006,
        wasClean: false,
        error: { code: "CLOSE_TIMEOUT" },
      });
      expect(performance.now() - start).toBeGreaterThan(250);
      expectOneEnd(recording);
    });
  });

  describe("the peer", () => {
    test.for([1000, 1001, 1011, 3000, 4999])("closes with %i and a reason", async (code) => {
      const recording = await wire.open(wire.target(`/close?code=${code}&reason=because`));
      expect(await recording.closed).toEqual({ code, reason: "because", wasClean: true });
      expectOneEnd(recording);
    });

    test("closes without a code", async () => {
      const recording = await wire.open(wire.target("/close"));
      expect(await recording.closed).toEqual({ code: 1005, reason: "", wasClean: true });
    });

    test("goes away without a Close", async () => {
      const recording = await wire.open(wire.target("/abrupt"));
      expect(await recording.closed).toMatchObject({
        code: 1006,
        wasClean: false,
        error: { code: "CONNECTION_LOST" },
      });
      expect(recording.messages).toEqual(["last"]);
      expectOneEnd(recording);
    });

    test.runIf(wire.capabilities.handshakeError === "full")("closes but leaves TCP open", async () => {
      const recording = await wire.open(wire.target("/close-and-stay"), { closeTimeoutMs: 300 });
      expect(await recording.closed).toEqual({ code: 4001, reason: "", wasClean: true });
      expectOneEnd(recording);
    });
  });

  describe("terminating", () => {
    test("ends at once with 1006, however often it is called", async () => {
      const target = wire.target("/accept-then-silent");
      const recording = await wire.open(target);
      recording.connection.terminate();
      recording.connection.terminate();
      // The deadline for a Close would be an error.
      expect(await recording.closed).toEqual({ code: 1006, reason: "", wasClean: false });
      recording.connection.terminate();
      await target.report();
      expectOneEnd(recording);
    });

    test("inside a message is the last thing its listener hears but the end", async () => {
      const target = wire.target("/burst");
      const recording = await wire.open(
        target,
        {},
        { message: (_data, { connection }) => connection.terminate() },
      );
      expect(await recording.closed).toMatchObject({ code: 1006 });
      expect(recording.messages).toEqual(["0"]);
      await eventually(async () => expect((await target.report()).ended).toBe(1));
      expectOneEnd(recording);
    });

    test("cuts a close short", async () => {
      const recording = await wire.open(wire.target("/accept-then-silent"));
      recording.connection.close();
      recording.connection.terminate();
      expect(await recording.closed).toMatchObject({ code: 1006, wasClean: false });
      expectOneEnd(recording);
    });

    test("inside accept ends the connection", async () => {
      const recording = await wire.open(
        wire.target("/same-packet"),
        {},
        { accept: (connection) => connection.terminate() },
      );
      expect(await recording.closed).toMatchObject({ code: 1006 });
      expect(recording.messages).toEqual([]);
      expectOneEnd(recording);
    });
  });
}
