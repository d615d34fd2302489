import { inspect } from "node:util";
import { type DialOptions, dialWith, type WebSocketShape } from "@podwire/transport";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
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

transportSuite("dialWith(ws)", dialWith(WebSocket), {
  capabilities: { readBackpressure: true, headers: false, tls: false, handshakeError: "none", ping: false },
  serverUrl: () => server.url,
  inspect: (value) => inspect(value, { depth: 10, showHidden: true }),
});

/** A WebSocket whose events the test makes, for what platforms do that ws does not. */
function createStandIn(options: Partial<DialOptions> = {}) {
  const made: StandIn[] = [];
  class StandIn implements WebSocketShape {
    binaryType = "blob";
    bufferedAmount = 0;
    protocol = "a";
    readyState = 1;
    onopen: ((event: object) => void) | null = null;
    onmessage: ((event: { data: unknown }) => void) | null = null;
    onerror: ((event: object) => void) | null = null;
    onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null;
    readonly closes: unknown[] = [];
    constructor() {
      made.push(this);
    }
    send(): void {}
    close(...how: unknown[]): void {
      this.closes.push(how);
    }
  }
  const dial = dialWith(StandIn);
  const sink = { message: vi.fn(), drain: vi.fn(), close: vi.fn() };
  const opened = dial("ws://127.0.0.1/", () => sink, { protocols: ["a"], ...options });
  const [socket] = made;
  if (!socket) throw new Error("dial made no socket");
  return { socket, sink, opened };
}

test("an error without a close, as Node 22 has it, rejects", async () => {
  const { socket, opened } = createStandIn();
  socket.onerror?.({});
  await expect(opened).rejects.toMatchObject({ code: "CONNECT_FAILED" });
  expect(socket.closes).toHaveLength(1);
});

test("a close without an error rejects", async () => {
  const { socket, opened } = createStandIn();
  socket.onclose?.({ code: 1006, reason: "", wasClean: false });
  await expect(opened).rejects.toMatchObject({ code: "CONNECT_FAILED" });
});

test.each(["", "b", null])("opening with the subprotocol %j is a mismatch", async (protocol) => {
  const { socket, opened } = createStandIn();
  Object.assign(socket, { protocol });
  socket.onopen?.({});
  await expect(opened).rejects.toMatchObject({ code: "SUBPROTOCOL_MISMATCH" });
  expect(socket.closes).toHaveLength(1);
});

test("the close code 0 of Deno is reported as 1006", async () => {
  const { socket, sink, opened } = createStandIn();
  socket.onopen?.({});
  await opened;
  socket.onclose?.({ code: 0, reason: "", wasClean: true });
  await vi.waitFor(() => expect(sink.close).toHaveBeenCalledOnce(), 10_000);
  expect(sink.close.mock.calls[0]?.[0]).toMatchObject({ code: 1006, wasClean: false });
});

test("messages are asked for as buffers and taken as views too, whatever realm they come from", async () => {
  const { socket, sink, opened } = createStandIn();
  socket.onopen?.({});
  await opened;
  expect(socket.binaryType).toBe("arraybuffer");
  const foreign = Object.defineProperty(
    Object.setPrototypeOf(new Uint8Array([4]).buffer, null),
    Symbol.toStringTag,
    {
      value: "ArrayBuffer",
    },
  );
  for (const data of [
    new Uint8Array([1]).buffer,
    new Uint8Array([9, 2, 9]).subarray(1, 2),
    Buffer.from([3]),
    foreign,
  ]) {
    socket.onmessage?.({ data });
  }
  const seen = sink.message.mock.calls.map(([data]) => data);
  expect(seen).toEqual([1, 2, 3, 4].map((byte) => new Uint8Array([byte])));
});

test("a kind of message that cannot be is an end with an explanation", async () => {
  const { socket, sink, opened } = createStandIn();
  socket.onopen?.({});
  await opened;
  socket.onmessage?.({ data: new Blob(["x"]) });
  expect(socket.closes).toHaveLength(1);
  socket.onclose?.({ code: 4003, reason: "", wasClean: true });
  await vi.waitFor(() => expect(sink.close).toHaveBeenCalledOnce(), 10_000);
  expect(sink.close.mock.calls[0]?.[0]).toMatchObject({ error: { code: "CONNECTION_LOST" } });
});

test("nothing is delivered after a message that was too long", async () => {
  const { socket, sink, opened } = createStandIn({ maxMessageBytes: 2 });
  socket.onopen?.({});
  await opened;
  for (const data of ["ok", "long", "no"]) socket.onmessage?.({ data });
  expect(sink.message.mock.calls).toEqual([["ok"]]);
  expect(socket.closes).toEqual([[4009, ""]]);
});

test.for([
  ["all had been written and nobody had looked yet", 0, true, ["drain", "close"]],
  ["something was left", 1, true, ["close"]],
  ["the peer is lost", 0, false, ["close"]],
] as const)("whether drain comes before the end: %s", async ([, bufferedAmount, wasClean, expected]) => {
  const { socket, sink, opened } = createStandIn({ sendMarkBytes: 10 });
  const calls: string[] = [];
  sink.drain.mockImplementation(() => calls.push("drain"));
  sink.close.mockImplementation(() => calls.push("close"));
  socket.onopen?.({});
  const connection = await opened;
  socket.bufferedAmount = 10;
  expect(connection.send("a")).toBe(false);
  socket.bufferedAmount = bufferedAmount;
  socket.onclose?.({ code: wasClean ? 1000 : 1006, reason: "", wasClean });
  await vi.waitFor(() => expect(sink.close).toHaveBeenCalledOnce(), 10_000);
  expect(calls).toEqual(expected);
});

test("drain is called once for all that had to wait", async () => {
  const { socket, sink, opened } = createStandIn({ sendMarkBytes: 10 });
  socket.onopen?.({});
  const connection = await opened;
  socket.bufferedAmount = 10;
  expect([connection.send("a"), connection.send("b"), connection.send("c")]).toEqual([false, false, false]);
  socket.bufferedAmount = 5;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sink.drain).not.toHaveBeenCalled();
  socket.bufferedAmount = 4;
  await vi.waitFor(() => expect(sink.drain).toHaveBeenCalled(), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sink.drain).toHaveBeenCalledOnce();
  connection.terminate();
});

test("a message that arrives while one is delivered waits for its turn", async () => {
  const { socket, sink, opened } = createStandIn();
  const order: string[] = [];
  sink.message.mockImplementation((data: string) => {
    order.push(`${data} in`);
    if (data === "first") socket.onmessage?.({ data: "second" });
    order.push(`${data} out`);
  });
  socket.onopen?.({});
  await opened;
  socket.onmessage?.({ data: "first" });
  expect(order).toEqual(["first in", "first out", "second in", "second out"]);
});

test("a peer is stopped at an eighth of the room, and at twice as much each time that all has been read", async () => {
  const { socket, sink, opened } = createStandIn({ receiveBufferLimitBytes: 8_000 });
  let stopped = false;
  Object.assign(socket, { pause: () => (stopped = true), resume: () => (stopped = false) });
  socket.onopen?.({});
  const connection = await opened;
  const stopsAt: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    connection.pause();
    let bytes = 0;
    // 128 bytes more than its own count for a message.
    for (; !stopped; bytes += 1_000) socket.onmessage?.({ data: new Uint8Array(1_000 - 128).buffer });
    stopsAt.push(bytes);
    connection.resume();
    await vi.waitFor(() => expect(stopped).toBe(false), 10_000);
  }
  expect(stopsAt).toEqual([1_000, 2_000, 4_000, 4_000]);
  expect(sink.message).toHaveBeenCalledTimes(11);
  connection.terminate();
});

test.each(["", "x"])("what is kept of many messages %j is bounded too", async (data) => {
  const { socket, sink, opened } = createStandIn({ receiveBufferLimitBytes: 10 * (data.length + 128) });
  socket.onopen?.({});
  (await opened).pause();
  for (let count = 0; count < 10; count += 1) socket.onmessage?.({ data });
  expect(socket.closes).toEqual([]);
  socket.onmessage?.({ data });
  expect(socket.closes).toEqual([[4008, ""]]);
  (await opened).resume();
  await vi.waitFor(() => expect(sink.message).toHaveBeenCalledTimes(10), 10_000);
  (await opened).terminate();
});

test("a constructor that throws is a failure to connect, without its text", async () => {
  class Throwing extends WebSocket {
    constructor() {
      super("ws://127.0.0.1:1", ["the subprotocol s3cret is invalid"]);
    }
  }
  const failure = await dialWith(Throwing)("ws://127.0.0.1/", () => sinkOfNothing, {
    protocols: ["a"],
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "CONNECT_FAILED" });
  expect(inspect(failure)).not.toContain("s3cret");
});

const sinkOfNothing = { message: () => undefined, close: () => undefined };
