import { TransportError } from "@podwire/transport";
import { describe, expect, test } from "vitest";
import { eventually, expectOneEnd, finish, type Wire } from "./wire.ts";

/** What goes over an open connection. */
export function messageTests(wire: Wire): void {
  describe("messages", () => {
    test("keep their kind, their bytes and their order both ways", async () => {
      const recording = await wire.open(wire.target("/echo"));
      const sent = [
        "text ü 🚀",
        new Uint8Array([0, 255, 128]),
        "",
        new Uint8Array(0),
        new Uint8Array([7]).subarray(0, 1),
      ];
      for (const message of sent) recording.connection.send(message);
      await eventually(() => expect(recording.messages).toHaveLength(sent.length));
      expect(recording.messages).toEqual(sent);
      await finish(recording);
    });

    test("arrive as plain Uint8Array, whose slice copies", async () => {
      let seen: Uint8Array | string = "";
      const recording = await wire.open(
        wire.target("/echo"),
        {},
        {
          message: (data) => {
            seen = data;
          },
        },
      );
      recording.connection.send(new Uint8Array([1, 2]));
      await eventually(() => expect(recording.messages).toHaveLength(1));
      expect(Object.getPrototypeOf(seen)).toBe(Uint8Array.prototype);
      await finish(recording);
    });

    test("leave the sender's bytes as they were", async () => {
      const recording = await wire.open(wire.target("/echo"));
      const bytes = new Uint8Array(70_000).fill(5);
      recording.connection.send(bytes);
      await eventually(() => expect(recording.messages).toHaveLength(1));
      expect(bytes.every((byte) => byte === 5)).toBe(true);
      await finish(recording);
    });

    test("are put together from fragments, also around a ping", async () => {
      const recording = await wire.open(wire.target("/fragments"));
      await eventually(() => expect(recording.messages).toEqual(["fragmented"]));
      recording.connection.terminate();
    });

    test.for(["/big?bytes=100000", "/big?text=1&bytes=50000"])(
      "may be as long as agreed: %s",
      async (path) => {
        const recording = await wire.open(wire.target(path), { maxMessageBytes: 100_000 });
        await eventually(() => expect(recording.messages).toHaveLength(1));
        expect(recording.messages[0]).toHaveLength(100_000);
        await finish(recording);
      },
    );

    test.for(["/big?bytes=100001", "/big?text=1&bytes=50001"])(
      "longer than agreed end the connection: %s",
      async (path) => {
        const recording = await wire.open(wire.target(path), { maxMessageBytes: 100_000 });
        expect(await recording.closed).toMatchObject({ error: { code: "MESSAGE_TOO_LARGE" } });
        expect(recording.messages).toEqual([]);
        expectOneEnd(recording);
      },
    );

    test("that break the protocol end the connection", async () => {
      const recording = await wire.open(wire.target("/broken-frame"));
      expect(await recording.closed).toMatchObject({
        code: 1006,
        wasClean: false,
        error: { code: "CONNECTION_LOST" },
      });
      expectOneEnd(recording);
    });

    test("whose listener throws drop the connection and say why", async () => {
      const mine = new Error("mine");
      const target = wire.target("/burst");
      const recording = await wire.open(
        target,
        {},
        {
          message: () => {
            throw mine;
          },
        },
      );
      const info = await recording.closed;
      expect(info).toMatchObject({ code: 1006, wasClean: false, error: { code: "CONNECTION_LOST" } });
      expect(info.error?.cause).toBe(mine);
      expect(recording.messages).toHaveLength(1);
      expectOneEnd(recording);
      await eventually(async () => expect((await target.report()).ended).toBe(1));
    });

    test("are texts and bytes, and nothing is made into one", async () => {
      const recording = await wire.open(wire.target("/echo"));
      const { connection } = recording;
      for (const wrong of [5, null, undefined, {}, new Blob(["x"]), new ArrayBuffer(1)]) {
        expect(() => Reflect.apply(connection.send, connection, [wrong])).toThrow(TypeError);
      }
      connection.send("right");
      await eventually(() => expect(recording.messages).toEqual(["right"]));
      await finish(recording);
    });

    test("cannot be sent after a close, nor after the end", async () => {
      const { connection, closed } = await wire.open(wire.target("/echo"));
      const code = () => {
        try {
          connection.send("late");
        } catch (error) {
          return error instanceof TransportError ? error.code : error;
        }
        return "sent";
      };
      connection.close();
      expect(code()).toBe("NOT_OPEN");
      await closed;
      expect(code()).toBe("NOT_OPEN");
    });
  });

  describe("pings", () => {
    test("of the server are answered", async () => {
      const target = wire.target("/ping");
      const recording = await wire.open(target);
      await eventually(async () => expect((await target.report()).pongs).toBe(1));
      await finish(recording);
    });

    test.runIf(wire.capabilities.ping)("of our own are answered by a pong", async () => {
      const recording = await wire.open(wire.target("/echo"));
      recording.connection.ping?.();
      await eventually(() => expect(recording.pongs).toBe(1));
      await finish(recording);
      expect(() => recording.connection.ping?.()).not.toThrow();
    });
  });
}
