import { createRequire } from "node:module";
import { inspect } from "node:util";
import { dial } from "@podwire/transport/isomorphic";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  startTransportServer,
  type TransportServer,
} from "../../../tools/conformance/src/transport-server.ts";
import { transportSuite } from "../../../tools/conformance/src/transport-suite.ts";

let server: TransportServer;
beforeAll(async () => {
  server = await startTransportServer();
});
afterAll(async () => {
  // Other files have what is loaded here, too.
  vi.resetModules();
  await server.close();
});

transportSuite("the isomorphic dial", dial, {
  capabilities: { readBackpressure: true, headers: false, tls: false, handshakeError: "none", ping: false },
  serverUrl: () => server.url,
  inspect: (value) => inspect(value, { depth: 10, showHidden: true }),
});

test("offers no compression, although ws would", async () => {
  await new Promise((close) => {
    void dial(`${server.url}/close?code=1000&id=extensions`, () => ({ message: () => undefined, close }), {
      protocols: ["a"],
    });
  });
  expect(server.reportOf("extensions")).toMatchObject({ requests: 1, extensions: "" });
});

/** What isomorphic-ws is in each place, by web bundlers, resolvers and Node. */
const ws = createRequire(import.meta.url)("ws");
const shapes: readonly [string, unknown][] = [
  ["the class under default, as a page bundle that came by require has it", { default: ws }],
  ["a function that throws, as ws has for pages", () => expect.fail("constructed the stub")],
  ["nothing, without a global when it was loaded", undefined],
  ["null", null],
];

test.each(shapes)("works when isomorphic-ws is %s", async (_shape, imported) => {
  vi.resetModules();
  vi.doMock("isomorphic-ws", () => ({ default: imported }));
  vi.stubGlobal("WebSocket", ws);
  try {
    const { dial: dialShape } = await import("@podwire/transport/isomorphic");
    const info = await new Promise((close) => {
      void dialShape(`${server.url}/close?code=3456`, () => ({ message: () => undefined, close }), {
        protocols: ["a"],
      });
    });
    expect(info).toMatchObject({ code: 3456 });
  } finally {
    vi.doUnmock("isomorphic-ws");
    vi.unstubAllGlobals();
  }
});

test("says so when there is no WebSocket at all", async () => {
  vi.resetModules();
  vi.doMock("isomorphic-ws", () => ({ default: undefined }));
  vi.stubGlobal("WebSocket", undefined);
  try {
    const { dial: dialNothing } = await import("@podwire/transport/isomorphic");
    const dialling = dialNothing(server.url, () => expect.fail("nothing to accept"), { protocols: ["a"] });
    await expect(dialling).rejects.toMatchObject({ name: "TransportError", code: "CONNECT_FAILED" });
  } finally {
    vi.doUnmock("isomorphic-ws");
    vi.unstubAllGlobals();
  }
});
