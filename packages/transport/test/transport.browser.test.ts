import { type Capabilities, type Connection, dial as platformDial } from "@podwire/transport";
import { dial } from "@podwire/transport/browser";
import { dial as isomorphicDial } from "@podwire/transport/isomorphic";
import { afterEach, expect, inject, test, vi } from "vitest";
import { record } from "../../../tools/conformance/src/recorder.ts";
import { transportSuite } from "../../../tools/conformance/src/transport-suite.ts";
import { dialWithoutStreams } from "./without-streams.ts";

const plain: Capabilities = {
  readBackpressure: false,
  headers: false,
  tls: false,
  handshakeError: "none",
  ping: false,
};
const serverUrl = () => inject("transportUrl");

transportSuite("the WebSocketStream of a page", dial, {
  capabilities: { ...plain, readBackpressure: true },
  serverUrl,
});
transportSuite("the WebSocket of a page", dialWithoutStreams, { capabilities: plain, serverUrl });
transportSuite("isomorphic-ws in a page", isomorphicDial, { capabilities: plain, serverUrl });

afterEach(() => {
  vi.unstubAllGlobals();
});

test("the automatic entry is the one for pages", () => {
  expect(platformDial).toBe(dial);
});

test("a page without either is told so, and either is looked up at each call", async () => {
  vi.stubGlobal("WebSocket", undefined);
  vi.stubGlobal("WebSocketStream", undefined);
  const dialling = dial(serverUrl(), () => expect.fail("nothing to accept"), { protocols: ["a"] });
  await expect(dialling).rejects.toMatchObject({ name: "TransportError", code: "CONNECT_FAILED" });
});

test("a stopped WebSocketStream loses what was unread before the peer's Close, and says so", async () => {
  // Two messages are kept; the rest is on its way through the browser, where it drops them.
  const sentBytes = 3.5 * 65_536;
  const url = `${serverUrl()}/flood?bytes=${sentBytes}&id=stopped`;
  const accept = (connection: Connection) => connection.pause();
  const recording = await record(
    dial,
    url,
    { protocols: ["a"], receiveBufferLimitBytes: 800_000 },
    { accept },
  );
  await vi.waitFor(async () => {
    const report = await fetch(`${serverUrl()}/report?id=stopped`);
    expect(await report.json()).toMatchObject({ ended: 1 });
  }, 10_000);
  recording.connection.resume();
  expect(await recording.closed).toMatchObject({
    code: 1000,
    wasClean: false,
    error: { code: "CONNECTION_LOST", message: expect.stringContaining("may be lost") },
  });
  const bytes = recording.messages.reduce((sum, message) => sum + message.length, 0);
  expect(bytes).toBeLessThan(sentBytes);
});
