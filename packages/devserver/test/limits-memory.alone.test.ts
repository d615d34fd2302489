import { Duplex } from "node:stream";
import { deflateSync } from "node:zlib";
import { createDevServer } from "@podwire/devserver";
import { expect, test } from "vitest";
import { newPod } from "../src/rest/new-pod.ts";
import { sized } from "../src/rest/storage.ts";
import { createRevisions, createStore } from "../src/rest/store.ts";

import { openSpdy } from "../src/spdy/connection.ts";
import { dictionary } from "../src/spdy/dictionary.ts";
import { runtimeRules } from "../src/websocket/rules.ts";
import { openWebSocket } from "../src/websocket/web-socket.ts";
import { createRequests, podOf, shell } from "./requests.ts";
import { createSpdyClient } from "./spdy-client.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

/** A connection whose peer sends what it is told and reads nothing. */
function createDeafPeer() {
  const connection = new Duplex({ read: () => undefined, write: () => undefined });
  return {
    connection,
    /** Sends it so often, and waits until whoever reads has read what it will. */
    async send(bytes: Buffer, times: number): Promise<void> {
      for (let sent = 0; sent < times; sent++) {
        connection.push(bytes);
        await new Promise(setImmediate);
      }
    },
  };
}

const ignored = { message: () => undefined, drain: () => undefined, gone: () => undefined };

test("pings of a WebSocket whose answers nobody reads are not read for ever", async () => {
  const { connection, send } = createDeafPeer();
  openWebSocket(connection, Buffer.alloc(0), runtimeRules, ignored);
  const ping = Buffer.from(`89fd00000000${"61".repeat(125)}`, "hex");
  const pings = Buffer.concat(Array.from({ length: 1_000 }, () => ping));
  await send(pings, 40);
  // One more batch than the mark may be answered, and the rest waits where TCP makes the client wait.
  expect(connection.writableLength).toBeLessThan(1_048_576 + pings.byteLength);
  expect(connection.readableLength).toBeGreaterThan(3_000_000);
  connection.destroy();
});

test("pings of SPDY are not, either", async () => {
  const { connection, send } = createDeafPeer();
  openSpdy(connection, Buffer.alloc(0), {
    refuse: () => undefined,
    sent: () => undefined,
    opened: () => undefined,
    gone: () => undefined,
  });
  const pings = Buffer.from("800300060000000400000001".repeat(10_000), "hex");
  await send(pings, 20);
  expect(connection.writableLength).toBeLessThan(2 * pings.byteLength);
  expect(connection.readableLength).toBeGreaterThan(2_000_000);
  connection.destroy();
});

test("a header block of SPDY that unpacks to a thousand times its size ends the connection", async () => {
  await using server = await createDevServer();
  await createRequests(server).run("web", shell("sleep 1000"));
  const { socket } = await devServerUpgrade(() => server, "web")(
    "portforward",
    spdyHeaders("portforward.k8s.io"),
    "POST",
  );
  const bomb = deflateSync(Buffer.alloc(16_000_000), { dictionary });
  expect(bomb.byteLength).toBeLessThan(20_000);
  const frame = Buffer.alloc(18);
  frame.write("80030001", "hex");
  frame.writeUIntBE(10 + bomb.byteLength, 5, 3);
  frame.writeUInt32BE(1, 8);
  const client = createSpdyClient(socket);
  socket.write(Buffer.concat([frame, bomb]));
  await client.until(() => client.ended);
  expect(client.frames).toEqual([]);
});

test("streams of SPDY beyond a thousand or so are refused, and there is room when others have ended", async () => {
  await using server = await createDevServer();
  await createRequests(server).run("web", shell("sleep 1000"));
  const { socket, head } = await devServerUpgrade(() => server, "web")(
    "portforward",
    spdyHeaders("portforward.k8s.io"),
    "POST",
  );
  const client = createSpdyClient(socket, head);
  const open = (requestid: number) =>
    client.open({ streamtype: "error", port: "9", requestid: String(requestid) });
  for (let count = 0; count < 1_025; count++) await open(count);
  await client.until(() => client.frames.length === 1_025);
  expect(client.frames.at(-1)?.what).toBe("reset 2049 3");
  // A reset of the first stream.
  client.send("80030003 00000008 00000001 00000005");
  await open(1_025);
  await client.until(() => client.frames.length === 1_026);
  expect(client.frames.at(-1)?.what).toBe("syn-reply 2051");
  socket.destroy();
});

test("changes of large objects are forgotten sooner, and their versions are too old", () => {
  const store = createStore(createRevisions());
  const pod = newPod(podOf("large", { args: ["x".repeat(1_000_000)] }), "default");
  store.insert(sized(pod));
  const first = store.version;
  const follow = (version: number) => store.follow(version, () => undefined);
  expect(follow(first)).toBeDefined();
  for (let count = 0; count < 40; count++) {
    store.update("default", "large", (one) => ({ ...one, metadata: { ...one.metadata, generation: count } }));
  }
  expect(follow(first)).toBeUndefined();
  expect(follow(store.version - 10)).toBeDefined();
});
