import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createDevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { createRequests, shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { frame, v4 } from "./sessions.ts";
import { createSpdyClient } from "./spdy-client.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

/** More than the buffers of all systems in between hold. */
const totalBytes = 60_000_000;
const servers: Server[] = [];
/** A program that sends much and ends, and one that reads all and says how much it was. */
let source: number;
let sink: number;
let sourceSent = 0;
let sunk: Promise<number>;
let tellSunk: (bytes: number) => void;

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const one = createServer(serve).listen(0, "127.0.0.1");
  await once(one, "listening");
  servers.push(one);
  const address = one.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

function expectSunk(): void {
  sunk = new Promise((resolve) => {
    tellSunk = resolve;
  });
}

const served = serve("forward", {}, async ({ requests }) => {
  source = await listen((socket) => {
    const chunk = Buffer.alloc(50_000, "x");
    const go = (): void => {
      while (sourceSent < totalBytes) {
        sourceSent += chunk.byteLength;
        if (!socket.write(chunk)) return;
      }
      socket.end();
    };
    sourceSent = 0;
    socket.on("drain", go);
    go();
  });
  sink = await listen((socket) => {
    let bytes = 0;
    socket.on("data", (chunk) => {
      bytes += chunk.byteLength;
    });
    socket.on("close", () => tellSunk(bytes));
  });
  await requests.run("web", shell("sleep 1000"));
});
const upgrade = devServerUpgrade(() => served.server, "web");

afterAll(async () => {
  for (const one of servers) one.close();
});

/** Resolves when the Pod's program cannot send any more, because nobody reads. */
async function expectStopped(): Promise<void> {
  for (let before = -1; before !== sourceSent; ) {
    before = sourceSent;
    for (let exchanges = 0; exchanges < 20; exchanges++) await served.requests.send("GET", "/version");
  }
  expect(sourceSent).toBeLessThan(totalBytes);
}

/** The bytes of channel 0 in frames of a server, which are all binary. */
function payloadBytes(bytes: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.byteLength; ) {
    const short = bytes[offset + 1] ?? 0;
    const head = short === 126 ? 4 : 2;
    const length = short === 126 ? bytes.readUInt16BE(offset + 2) : short;
    if (bytes[offset] === 0x82 && bytes[offset + head] === 0) sum += length - 1;
    offset += head + length;
  }
  return sum;
}

describe("over channels", () => {
  const open = (port: number) => upgrade(`portforward?ports=${port}`, { "Sec-WebSocket-Protocol": v4 });

  test("a client that does not read stops the Pod's program, and gets all of it later", async () => {
    const { socket, head } = await open(source);
    socket.pause();
    await expectStopped();
    const chunks = [head];
    for await (const chunk of socket) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    // The port itself, and what was sent.
    expect(payloadBytes(bytes)).toBe(2 + totalBytes);
    expect(bytes.subarray(-4).toString("hex")).toBe("880203e8");
  });

  test("what a client says before its Close reaches the Pod", async () => {
    expectSunk();
    const { socket } = await open(sink);
    const message = Buffer.alloc(101, "x");
    message[0] = 0;
    for (let sent = 0; sent < 10_000; sent++) socket.write(frame(2, message));
    socket.end(frame(8, Buffer.from("03e8", "hex")));
    expect(await sunk).toBe(1_000_000);
  });
});

describe("over SPDY", () => {
  const open = async (port: number) => {
    const { socket, head } = await upgrade("portforward", spdyHeaders("portforward.k8s.io"), "POST");
    const client = createSpdyClient(socket, head);
    for (const streamtype of ["error", "data"]) await client.open({ streamtype, port: String(port) });
    return { socket, client };
  };

  test("a client that does not read stops the Pod's program, and gets all of it later", async () => {
    const { socket, client } = await open(source);
    await client.until(() => client.text(3).length > 0);
    socket.pause();
    await expectStopped();
    socket.resume();
    await client.until(() => client.frames.some(({ what }) => what === "data 3 fin"));
    expect(client.text(3)).toHaveLength(totalBytes);
    socket.destroy();
  });

  test("what a client says before the end of its stream reaches the Pod", async () => {
    expectSunk();
    const { socket, client } = await open(sink);
    for (let sent = 0; sent < 100; sent++) client.data(3, Buffer.alloc(10_000));
    client.data(3, "", true);
    expect(await sunk).toBe(1_000_000);
    await client.until(() => client.frames.some(({ what }) => what === "data 1 fin"));
    socket.destroy();
  });
});

describe("a program of the Pod that never stops", () => {
  let flood: number;
  let closed: Promise<void>;

  beforeAll(async () => {
    flood = await listen((socket) => {
      const chunk = Buffer.alloc(50_000, "x");
      const go = (): void => {
        while (!socket.destroyed) if (!socket.write(chunk)) return;
      };
      socket.on("drain", go);
      socket.on("error", () => undefined);
      closed = new Promise((resolve) => {
        socket.once("close", () => resolve());
      });
      go();
    });
  });

  test("is stopped a second behind the end of the client's stream, which gets its end", async () => {
    const { socket, head } = await upgrade("portforward", spdyHeaders("portforward.k8s.io"), "POST");
    const client = createSpdyClient(socket, head);
    for (const streamtype of ["error", "data"]) await client.open({ streamtype, port: String(flood) });
    await client.until(() => client.frames.length > 100);
    client.data(3, "", true);
    await closed;
    await client.until(() => client.frames.some(({ what }) => what === "data 3 fin"));
    socket.destroy();
  });

  test.for([
    ["a Close", Buffer.from("888000000000", "hex")],
    ["the loss of its connection", undefined],
  ] as const)("is stopped by %s of the client", async ([, bytes]) => {
    const { socket } = await upgrade(`portforward?ports=${flood}`, { "Sec-WebSocket-Protocol": v4 });
    let chunks = 0;
    for await (const _chunk of socket.iterator({ destroyOnReturn: false })) if (++chunks > 20) break;
    socket.resume();
    if (bytes) socket.write(bytes);
    else socket.destroy();
    await closed;
    socket.destroy();
  });
});

test("a server that is closed waits for no forwarded port", async () => {
  await using other = await createDevServer();
  await createRequests(other).run("web", shell("sleep 1000"));
  const { socket } = await devServerUpgrade(() => other, "web")(`portforward?ports=${sink}`, {
    "Sec-WebSocket-Protocol": v4,
  });
  socket.resume();
  // Nor for any time to pass.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  await other.close();
});

test("exec over SPDY stops for a client that does not read, and the status comes behind all output", async () => {
  const command = `command=sh&command=-c&command=${encodeURIComponent("head -c 20000000 /dev/zero; exit 3")}`;
  const { socket, head } = await upgrade(`exec?${command}&stdout=true`, spdyHeaders(v4), "POST");
  const client = createSpdyClient(socket, head);
  for (const streamtype of ["error", "stdout"]) await client.open({ streamtype });
  await client.until(() => client.text(3).length > 0);
  socket.pause();
  for (let exchanges = 0; exchanges < 50; exchanges++) await served.requests.send("GET", "/version");
  socket.resume();
  await client.until(() => client.ended);
  expect(client.text(3)).toHaveLength(20_000_000);
  expect(client.text(1)).toContain('"message":"3"');
});

test.for([
  ["a frame of another version", "8002000100000000"],
  ["a stream without a number", "8003000100000000"],
  ["headers that are none", "80030001 0000000e 00000001 00000000 0000 deadbeef"],
  ["a reset of nothing", "8003000300000000"],
] as const)("%s instead of SPDY ends the connection", async ([, bytes]) => {
  const { socket } = await upgrade("portforward", spdyHeaders("portforward.k8s.io"), "POST");
  socket.on("error", () => undefined);
  socket.write(Buffer.from(bytes.replaceAll(" ", ""), "hex"));
  socket.resume();
  await once(socket, "close");
});
