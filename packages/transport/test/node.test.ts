import { inspect } from "node:util";
import { type CloseInfo, type NodeDialOptions, nodeDial } from "@podwire/transport/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startTransportServer,
  type TransportServer,
} from "../../../tools/conformance/src/transport-server.ts";
import { transportSuite } from "../../../tools/conformance/src/transport-suite.ts";

let server: TransportServer;
beforeAll(async () => {
  server = await startTransportServer();
});
afterAll(() => server.close());

transportSuite("nodeDial", nodeDial, {
  capabilities: { readBackpressure: true, headers: true, tls: true, handshakeError: "full", ping: true },
  serverUrl: () => server.url,
  inspect: (value) => inspect(value, { depth: 10, showHidden: true }),
});

const refusedBy = (url: string, options: Partial<NodeDialOptions>) =>
  nodeDial(url, () => expect.fail("nothing to accept"), { protocols: ["a"], ...options }).catch(
    (error: unknown) => error,
  );

test.each<[string, Partial<NodeDialOptions>]>([
  ["Sec-WebSocket-Protocol", { headers: { "Sec-WebSocket-Protocol": "b" } }],
  ["Connection", { headers: { Connection: "close" } }],
  ["Upgrade", { headers: { upgrade: "h2c" } }],
  [
    "a second Authorization",
    { headers: { authorization: "x" }, credential: { authorization: "Bearer y", subprotocol: "y" } },
  ],
  ["a header that is no token", { headers: { "a b": "x" } }],
])("nodeDial leaves %s to nobody else, before any I/O", async (name, options) => {
  const id = encodeURIComponent(name);
  expect(await refusedBy(`${server.url}/echo?id=${id}`, options)).toBeInstanceOf(TypeError);
  expect(server.reportOf(name).requests).toBe(0);
});

test("nodeDial offers no compression", async () => {
  await new Promise((close) => {
    void nodeDial(
      `${server.url}/close?code=1000&id=extensions`,
      () => ({ message: () => undefined, close }),
      {
        protocols: ["a"],
      },
    );
  });
  expect(server.reportOf("extensions")).toMatchObject({ requests: 1, extensions: "" });
});

// Name servers may take their time, all the more those that are not there.
test("nodeDial says that a name is unknown", { timeout: 90_000 }, async () => {
  expect(await refusedBy("ws://podwire.invalid/", { handshakeTimeoutMs: 80_000 })).toMatchObject({
    code: "CONNECT_FAILED",
    cause: { code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) },
  });
});

test("nodeDial says that a connection was reset", async () => {
  const info = await new Promise<CloseInfo>((close) => {
    void nodeDial(`${server.url}/reset?id=reset`, () => ({ message: () => undefined, close }), {
      protocols: ["a"],
    }).then(() => fetch(`${server.url}/release?id=reset`));
  });
  expect(info).toMatchObject({
    code: 1006,
    wasClean: false,
    error: { code: "CONNECTION_LOST", cause: { code: "ECONNRESET" } },
  });
});
