import { dial as platformDial } from "@podwire/transport";
import { dial } from "@podwire/transport/browser";
import { dial as isomorphicDial } from "@podwire/transport/isomorphic";
import { expect, inject, test, vi } from "vitest";
import { transportSuite } from "../../../tools/conformance/src/transport-suite.ts";

const options = {
  capabilities: { readBackpressure: false, headers: false, tls: false, handshakeError: "none", ping: false },
  serverUrl: () => inject("transportUrl"),
} as const;

transportSuite("the WebSocket of a page", dial, options);
transportSuite("isomorphic-ws in a page", isomorphicDial, options);

test("the automatic entry is the one for pages", () => {
  expect(platformDial).toBe(dial);
});

test("the constructor is looked up at each call", async () => {
  vi.stubGlobal("WebSocket", undefined);
  try {
    const dialling = dial(inject("transportUrl"), () => expect.fail("nothing to accept"), {
      protocols: ["a"],
    });
    await expect(dialling).rejects.toMatchObject({ name: "TransportError", code: "CONNECT_FAILED" });
  } finally {
    vi.unstubAllGlobals();
  }
});
