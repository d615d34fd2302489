import { TransportError } from "@podwire/transport";
import { describe, expect, test, vi } from "vitest";
import { eventually, expectOneEnd, finish, protocols, type Wire } from "./wire.ts";

/** How a connection comes about, and how it does not. */
export function handshakeTests(wire: Wire): void {
  const { capabilities, dial } = wire;
  const full = capabilities.handshakeError === "full";

  describe("opening", () => {
    test("says which subprotocol was chosen and what the connection can do", async () => {
      const recording = await wire.open(wire.target("/echo"));
      expect(recording.connection.protocol).toBe(protocols[0]);
      expect(recording.connection.capabilities).toEqual(capabilities);
      expect(typeof recording.connection.ping === "function").toBe(capabilities.ping);
      await finish(recording);
    });

    test("offers the subprotocols in the caller's order", async () => {
      const target = wire.target("/echo");
      await finish(await wire.open(target));
      expect((await target.report()).protocols.split(/, ?/)).toEqual(protocols);
    });

    test("accepts before the promise resolves, and loses no frame of the packet with the 101", async () => {
      const order: string[] = [];
      const recording = await wire.open(
        wire.target("/same-packet"),
        {},
        { accept: () => order.push("accept") },
      );
      order.push("resolved");
      await eventually(() => expect(recording.messages).toHaveLength(3));
      expect(order).toEqual(["accept", "resolved"]);
      expect(recording.messages).toEqual(["hello", new Uint8Array([1, 2, 3]), ""]);
      recording.connection.terminate();
      await recording.closed;
      expectOneEnd(recording);
    });

    test("takes ws: URLs and URL objects as well", async () => {
      const url = new URL(wire.target("/echo").url);
      url.protocol = "ws:";
      const closed = new Promise((resolve) => {
        void dial(
          url,
          (connection) => {
            connection.close();
            return { message: () => undefined, close: resolve };
          },
          { protocols },
        );
      });
      expect(await closed).toMatchObject({ code: 1000, wasClean: true });
    });

    test("rejects with what accept threw, and drops the connection", async () => {
      const target = wire.target("/echo");
      const mine = new Error("mine");
      await expect(
        dial(
          target.url,
          () => {
            throw mine;
          },
          { protocols },
        ),
      ).rejects.toBe(mine);
      await eventually(async () => expect((await target.report()).ended).toBe(1));
    });

    test("carries headers, or says before any I/O that it cannot", async () => {
      const target = wire.target("/echo");
      const headers = { Authorization: "Basic eDp5" };
      if (capabilities.headers) {
        await finish(await wire.open(target, { headers }));
        expect((await target.report()).authorization).toBe("Basic eDp5");
      } else {
        expect(await wire.refusal(target, { headers })).toBeInstanceOf(TypeError);
        expect((await target.report()).requests).toBe(0);
      }
    });

    test("carries a credential in the best way it has", async () => {
      const target = wire.target("/echo");
      const credential = { authorization: "Bearer abc", subprotocol: "bearer.abc" };
      await finish(await wire.open(target, { credential }));
      const report = await target.report();
      const offered = report.protocols.split(/, ?/);
      if (capabilities.headers) {
        expect([report.authorization, ...offered]).toEqual(["Bearer abc", ...protocols]);
      } else {
        expect([report.authorization, ...offered]).toEqual(["", ...protocols, "bearer.abc"]);
      }
    });
  });

  describe("a handshake fails", () => {
    const codeOf = async (path: string, options = {}) => {
      const reason = await wire.refusal(wire.target(path), options);
      expect(reason).toBeInstanceOf(TransportError);
      return reason instanceof TransportError ? reason.code : undefined;
    };

    test.for([401, 403, 404, 503, 200, 302])("when the server answers %i instead of 101", async (status) => {
      const reason = await wire.refusal(wire.target(`/refuse?status=${status}`));
      if (full) {
        expect(reason).toMatchObject({ code: "HANDSHAKE_REFUSED", response: { status } });
        expect(String(reason)).toContain(String(status));
        expect(reason).toHaveProperty("response.headers.content-type", "application/json");
        expect(reason).toHaveProperty(
          "response.body",
          expect.stringMatching(/^\{"kind":"Status","message":"no:/),
        );
      } else {
        expect(reason).toMatchObject({ code: "CONNECT_FAILED" });
      }
    });

    test.runIf(full)("keeping at most 64 KiB of a refusal's body", async () => {
      const stalled = wire.target("/refuse?status=500&stall=1");
      const waited = wire.refusal(stalled).then(() => "waited for the rest");
      await eventually(async () => expect((await stalled.report()).requests).toBe(1));
      const cut = wire.refusal(wire.target("/refuse?status=500&bytes=1000000&stall=1"));
      // Before the other, which was answered before and is waited for.
      expect(await Promise.race([cut, waited])).toHaveProperty("response.body.length", 64 * 1024);
      await waited;
    });

    test.runIf(full)("waiting at most two seconds for the rest of a refusal's body", async () => {
      const start = performance.now();
      // The server has answered: the deadline of the handshake, which is shorter, is over.
      const options = { handshakeTimeoutMs: 1_900 };
      const reason = await wire.refusal(wire.target("/refuse?status=500&stall=1"), options);
      expect(reason).toHaveProperty("response.body", expect.stringContaining("Status"));
      expect(performance.now() - start).toBeLessThan(10_000);
    });

    test.for(["/no-protocol", "/unoffered"])(
      "when the server chooses none of the subprotocols: %s",
      async (path) => {
        // Platforms that check this themselves do not say so.
        const accepted = full ? ["SUBPROTOCOL_MISMATCH"] : ["SUBPROTOCOL_MISMATCH", "CONNECT_FAILED"];
        expect(accepted).toContain(await codeOf(path));
      },
    );

    test.for(["/wrong-accept", "/extension", "/not-http", "/hang-up"])(
      "when the answer breaks the rules of RFC 6455: %s",
      async (path) => {
        expect(await codeOf(path)).toBe(full ? "HANDSHAKE_FAILED" : "CONNECT_FAILED");
      },
    );

    test("when nobody listens", async () => {
      // Port 1 (tcpmux) is one that pages may not even try.
      const reason = await dial("ws://127.0.0.1:1/", () => expect.fail("nothing to accept"), {
        protocols,
      }).catch((error: unknown) => error);
      expect(reason).toMatchObject({ code: "CONNECT_FAILED" });
      if (full) expect(reason).toHaveProperty("cause.code", "ECONNREFUSED");
    });

    test("when its deadline passes", async () => {
      const target = wire.target("/silent");
      const reason = await wire.refusal(target, { handshakeTimeoutMs: 200 });
      expect(reason).toMatchObject({ code: "HANDSHAKE_TIMEOUT" });
      // A busy machine may not have come to send the request.
      await eventually(async () => {
        const { requests, ended } = await target.report();
        expect(ended).toBe(requests);
      });
    });
  });

  describe("an abort", () => {
    const reason = new Error("changed my mind");

    test("before the dial rejects without any I/O", async () => {
      const target = wire.target("/echo");
      expect(await wire.refusal(target, { signal: AbortSignal.abort(reason) })).toBe(reason);
      expect((await target.report()).requests).toBe(0);
    });

    test("while connecting rejects with its reason", async () => {
      const control = new AbortController();
      const refused = wire.refusal(wire.target("/echo"), { signal: control.signal });
      control.abort(reason);
      expect(await refused).toBe(reason);
    });

    test("while the server thinks drops the connection", async () => {
      const target = wire.target("/silent");
      const control = new AbortController();
      const refused = wire.refusal(target, { signal: control.signal });
      await eventually(async () => expect((await target.report()).requests).toBe(1));
      control.abort(reason);
      expect(await refused).toBe(reason);
      await eventually(async () => expect((await target.report()).ended).toBe(1));
    });

    test.runIf(full)("while a refusal is read rejects with its reason", async () => {
      const target = wire.target("/refuse?status=500&stall=1");
      const control = new AbortController();
      const refused = wire.refusal(target, { signal: control.signal });
      await eventually(async () => expect((await target.report()).requests).toBe(1));
      control.abort(reason);
      // No timer comes before: nothing was waited for.
      const later = new Promise((resolve) => setTimeout(resolve, 500, "later"));
      expect(await Promise.race([refused, later])).toBe(reason);
    });

    test("of an open connection terminates it", async () => {
      const target = wire.target("/echo");
      const control = new AbortController();
      const recording = await wire.open(target, { signal: control.signal });
      control.abort(reason);
      expect(await recording.closed).toMatchObject({ code: 1006, wasClean: false });
      await eventually(async () => expect((await target.report()).ended).toBe(1));
      expectOneEnd(recording);
    });

    test.for(["/close?code=1000", "/refuse?status=403", "/abrupt"])(
      "is not listened for after the end: %s",
      async (path) => {
        const { signal } = new AbortController();
        const added = vi.spyOn(signal, "addEventListener");
        const removed = vi.spyOn(signal, "removeEventListener");
        await wire.open(wire.target(path), { signal }).then(
          (recording) => recording.closed,
          () => undefined,
        );
        const listeners = (calls: readonly unknown[][]) => new Set(calls.map((call) => call[1]));
        expect(added).toHaveBeenCalled();
        expect(listeners(removed.mock.calls)).toEqual(listeners(added.mock.calls));
      },
    );
  });
}
