import { describe, expect, test } from "vitest";
import { everythingIn } from "../../../../packages/conformance/src/session/everything-in.ts";
import type { Wire } from "./wire.ts";

const secret = "c2VjcmV0LXRva2Vu";
const querySecret = "drop-table";
const credential = { authorization: `Bearer ${secret}`, subprotocol: `bearer.podwire.${secret}` };

/** A token must not come out of an error, whatever the server does with it. */
export function secretTests(wire: Wire): void {
  const paths = [
    "/refuse?status=401",
    "/refuse?status=302",
    "/no-protocol?",
    "/unoffered?",
    // Where the credential was offered as a subprotocol, it is what this chooses.
    ...(wire.capabilities.headers ? [] : ["/choose-last?"]),
    "/wrong-accept?",
    "/not-http?",
    "/hang-up?",
    "/silent?",
  ];

  describe("no secret shows in the error of", () => {
    test.for(paths)("%s", async (path) => {
      const target = wire.target(`${path}&command=${querySecret}`);
      expectClean(await wire.refusal(target, { credential, handshakeTimeoutMs: 1_000 }));
    });

    test("a connection that nobody takes", async () => {
      const target = { ...wire.target("/"), url: `ws://127.0.0.1:1/?command=${querySecret}` };
      expectClean(await wire.refusal(target, { credential }));
    });

    test.runIf(wire.capabilities.headers)("a header that is none", async () => {
      const headers = { "X-Token": `${secret}\n` };
      expectClean(await wire.refusal(wire.target("/echo"), { headers }));
    });
  });

  function expectClean(reason: unknown): void {
    const seen = `${everythingIn(reason)} ${wire.inspect(reason)}`;
    expect(seen).toMatch(/Error/);
    for (const word of [secret, querySecret, "cookie-secret"]) expect(seen).not.toContain(word);
  }
}
