import type { DialOptions } from "@podwire/transport";
import { describe, expect, test } from "vitest";
import { finish, type Wire } from "./wire.ts";

/** What a caller did wrong is said before anything happens. */
export function mistakeTests(wire: Wire): void {
  const mistakes: readonly [string, Partial<DialOptions>, typeof TypeError | typeof RangeError][] = [
    ["no subprotocol", { protocols: [] }, TypeError],
    ["a subprotocol twice", { protocols: ["a", "a"] }, TypeError],
    ["a subprotocol with a space", { protocols: ["a b"] }, TypeError],
    ["an empty subprotocol", { protocols: [""] }, TypeError],
    ["a credential that is no token", { credential: { authorization: "", subprotocol: "a,b" } }, TypeError],
    ["a handshake deadline of 0", { handshakeTimeoutMs: 0 }, RangeError],
    ["a negative close deadline", { closeTimeoutMs: -1 }, RangeError],
    ["a fraction of a byte", { maxMessageBytes: 1.5 }, RangeError],
    ["an endless mark", { sendMarkBytes: Number.POSITIVE_INFINITY }, RangeError],
    ["a limit beyond 31 bits", { receiveBufferLimitBytes: 2 ** 31 }, RangeError],
  ];

  describe("a mistake is reported before any I/O:", () => {
    test.for(mistakes)("%s", async ([, options, kind]) => {
      const target = wire.target("/echo");
      expect(await wire.refusal(target, options)).toBeInstanceOf(kind);
      expect((await target.report()).requests).toBe(0);
    });

    test.for([
      "ws://192.0.2.1/",
      "http://podwire.invalid/",
      "ws://localhost.invalid/",
      "ws://[2001:db8::1]/",
    ])("a credential in plain text to %s", async (url) => {
      const credential = { authorization: "Bearer hunter2", subprotocol: "bearer.hunter2" };
      const target = { ...wire.target("/echo"), url };
      const reason = await wire.refusal(target, { credential });
      expect(reason).toBeInstanceOf(TypeError);
      expect(`${reason} ${wire.inspect(reason)}`).not.toContain("hunter2");
    });

    // Name servers may take their time.
    test("but not when it is asked for", async () => {
      const credential = { authorization: "Bearer hunter2", subprotocol: "bearer.hunter2" };
      const abroad = { ...wire.target("/echo"), url: "ws://podwire.invalid/" };
      const asked = { credential, allowInsecure: true, handshakeTimeoutMs: 80_000 };
      expect(await wire.refusal(abroad, asked)).toMatchObject({ code: "CONNECT_FAILED" });
    }, 90_000);

    test("nor to this machine itself", async () => {
      const credential = { authorization: "Bearer hunter2", subprotocol: "bearer.hunter2" };
      for (const host of ["localhost", "127.0.0.1"]) {
        const target = wire.target("/echo");
        const url = target.url.replace("127.0.0.1", host);
        await finish(await wire.open({ ...target, url }, { credential }));
      }
    });

    test.for(["ftp://127.0.0.1/", "/relative", "ws://user:hunter2@127.0.0.1/", "ws://127.0.0.1/#hunter2"])(
      "the URL %s",
      async (url) => {
        const target = { ...wire.target("/echo"), url };
        const reason = await wire.refusal(target);
        expect(reason).toBeInstanceOf(TypeError);
        expect(`${reason} ${wire.inspect(reason)}`).not.toContain("hunter2");
      },
    );
  });
}
