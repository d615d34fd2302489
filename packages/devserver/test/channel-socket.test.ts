import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { createChannelSocket } from "../src/streams/channel-socket.ts";
import { stdout } from "../src/streams/channels.ts";
import { sessionSubprotocolOf } from "../src/streams/subprotocol.ts";
import { acceptHandshake, checkHandshake } from "../src/websocket/handshake.ts";

let server: Server;

beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

test("a client that reads late, however late, gets all that was sent before the end, and the status", async () => {
  // The server once began to count the client's time to answer when its own part was done, and dropped it.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const upgrading = once(server, "upgrade");
  const address = server.address();
  const client = new WebSocket(
    `ws://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    "v5.channel.k8s.io",
  );
  const messages: Buffer[] = [];
  client.on("message", (data) => Buffer.isBuffer(data) && messages.push(data));
  const [request, socket, head] = await upgrading;
  const subprotocol = sessionSubprotocolOf(request, "kubelet");
  if (!subprotocol) throw new Error("the client's offer is one that the server knows");
  acceptHandshake(socket, checkHandshake(request), subprotocol.name);
  await once(client, "open");
  client.pause();
  let room = true;
  const nothing = (): undefined => undefined;
  const channels = createChannelSocket(
    { socket, head },
    subprotocol,
    { stdout: true, stderr: false },
    { stdin: nothing, stdinEnd: nothing, resize: nothing, drain: nothing, gone: nothing },
  );
  let sentBytes = 0;
  for (; room; sentBytes += 65_536) {
    room = channels.send(stdout, Buffer.alloc(65_536));
    await new Promise(setImmediate);
  }
  channels.finish({ kind: "success" });
  vi.advanceTimersByTime(120_000);
  client.resume();
  const [code] = await once(client, "close");
  const bytes = messages.filter((one) => one[0] === stdout).reduce((sum, one) => sum + one.byteLength - 1, 0);
  expect([code, bytes, messages.at(-1)?.toString()]).toEqual([
    1000,
    sentBytes,
    '\x03{"metadata":{},"status":"Success"}',
  ]);
});
