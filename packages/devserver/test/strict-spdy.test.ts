import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createSpdyClient, type SpdyClient } from "./spdy-client.ts";
import { serveStrict } from "./strict-server.ts";
import { tunnelled } from "./tunnelled.ts";
import { spdyHeaders } from "./upgraded.ts";

const { told, upgrade } = serveStrict();

const v4 = "v4.channel.k8s.io";
const cat = "exec?command=cat&stdin=true&stdout=true";
const terminal = `${cat}&tty=true`;
const size = '{"Width":80,"Height":24}';
const error = { streamtype: "error" };
const stdin = { streamtype: "stdin" };
const stdout = { streamtype: "stdout" };
const resize = { streamtype: "resize" };
const port = (streamtype: string, requestid = "0", number = "9") => ({ streamtype, port: number, requestid });

async function dial(target: string, protocol: string): Promise<SpdyClient & { end(): void }> {
  const { socket, head } = await upgrade(target, spdyHeaders(protocol), "POST");
  return Object.assign(createSpdyClient(socket, head), { end: () => socket.end() });
}

/** Opens streams and sends frames in hex, and waits until a ping that is in order comes back, or the end. */
async function send(
  client: SpdyClient,
  streams: readonly Readonly<Record<string, string>>[],
  hex: string,
): Promise<void> {
  for (const headers of streams) await client.open(headers);
  client.send(`${hex} 80030006 00000004 0000ffff`);
  await client.until(() => client.ended || client.frames.some(({ what }) => what === "ping 65535"));
}

const rules = () => told.map(({ rule }) => rule);
const data = (stream: number, text: string, fin = false): string =>
  [stream.toString(16).padStart(8, "0"), fin ? "01" : "00", text.length.toString(16).padStart(6, "0")].join(
    "",
  ) + Buffer.from(text).toString("hex");

test.for([
  ["its streams, input and its end", cat, v4, [error, stdin, stdout], data(3, "a", true), []],
  ["a size", terminal, v4, [error, stdin, stdout, resize], data(7, `${size}\n`), []],
  [
    "sizes that are cut anywhere",
    terminal,
    v4,
    [error, stdin, stdout, resize],
    data(7, size.slice(0, 9)) + data(7, size.slice(9) + size),
    [],
  ],
  [
    "a size of 0",
    terminal,
    v4,
    [error, stdin, stdout, resize],
    data(7, '{"Width":0,"Height":24}'),
    ["resize-size"],
  ],
  [
    "what is no size",
    terminal,
    v4,
    [error, stdin, stdout, resize],
    data(7, "x".repeat(2_000)),
    ["resize-size"],
  ],
  [
    "settings, a window, and a type that nobody knows",
    cat,
    v4,
    [],
    "80030004 00000004 00000000 80030009 00000008 0000000000000001 800300ff 00000001 00",
    [],
  ],
  ["a frame of SPDY/2", cat, v4, [], "80020006 00000004 00000001", ["spdy-version"]],
  ["a reset of three bytes", cat, v4, [], "80030003 00000003 000000", ["spdy-frame"]],
  ["a SYN_STREAM without a header block", cat, v4, [], "80030001 00000004 00000001", ["spdy-frame"]],
  [
    "a header block that is none",
    cat,
    v4,
    [],
    "80030001 0000000e 00000001 00000000 0000 ffffffff",
    ["header-block"],
  ],
  ["an even ping", cat, v4, [], "80030006 00000004 00000002", ["ping-id"]],
  ["data of no stream", cat, v4, [error], data(9, "a"), ["stream-unknown"]],
  ["data behind the end", cat, v4, [error, stdin], data(3, "a", true) + data(3, "b"), ["after-fin"]],
  [
    "data behind its own reset",
    cat,
    v4,
    [error, stdin],
    `80030003 00000008 00000003 00000005${data(3, "b")}`,
    ["after-fin"],
  ],
  ["a stream without a type", cat, v4, [{}], "", ["stream-type"]],
  ["a stream of another type", cat, v4, [{ streamtype: "data" }], "", ["stream-type"]],
  ["sizes in v2", terminal, "v2.channel.k8s.io", [resize], "", ["stream-type"]],
  ["a stream that was not asked for", "exec?command=cat&stdout=true", v4, [stdin], "", ["stream-asked"]],
  ["a stream of sizes without a terminal", cat, v4, [resize], "", ["stream-asked"]],
  ["a stream twice", cat, v4, [error, error], "", ["stream-asked"]],
  ["bytes on stdout", cat, v4, [error, stdout], data(3, "a"), ["stream-direction"]],
  ["a terminal with stderr", `${terminal}&stderr=true`, v4, [{ streamtype: "stderr" }], "", ["tty-stderr"]],
  [
    "two connections to ports",
    "portforward",
    "portforward.k8s.io",
    [port("error"), port("data"), port("error", "1"), port("data", "1")],
    data(3, "a"),
    [],
  ],
  ["a port of 0", "portforward", "portforward.k8s.io", [port("error", "0", "0")], "", ["port-header"]],
  [
    "a port that is none",
    "portforward",
    "portforward.k8s.io",
    [port("error", "0", "http")],
    "",
    ["port-header"],
  ],
  [
    "a stream of ports of another type",
    "portforward",
    "portforward.k8s.io",
    [port("stdin")],
    "",
    ["stream-type"],
  ],
  ["no requestid", "portforward", "portforward.k8s.io", [port("error", "")], "", ["request-id"]],
  [
    "a requestid for two",
    "portforward",
    "portforward.k8s.io",
    [port("error"), port("error")],
    "",
    ["request-id"],
  ],
  [
    "bytes on a stream of errors",
    "portforward",
    "portforward.k8s.io",
    [port("error")],
    data(1, "a"),
    ["stream-direction"],
  ],
] as const)("%s", async ([, target, protocol, streams, hex, broken]) => {
  const client = await dial(target, protocol);
  await send(client, streams, hex);
  expect(rules()).toEqual(broken);
  client.end();
});

test("numbers of streams that do not grow", async () => {
  const client = await dial(cat, v4);
  await client.open(error);
  client.nextId = 1;
  await send(client, [stdin], "");
  expect(rules()).toEqual(["stream-id"]);
  client.end();
});

test("a stream behind GOAWAY", async () => {
  const client = await dial(cat, v4);
  await client.open(error);
  client.send("80030007 00000008 00000000 00000000");
  await client.open(stdin);
  await client.until(() => client.ended);
  await vi.waitFor(() => expect(rules()).toEqual(["after-goaway"]), 10_000);
});

test("a frame that comes before the 101", async () => {
  const headers = { ...spdyHeaders(v4), "Content-Length": "0" };
  const { socket } = await upgrade(
    cat,
    headers,
    "POST",
    Buffer.from("8003000600000004 00000001".replace(" ", ""), "hex"),
  );
  expect(rules()).toEqual(["early"]);
  socket.destroy();
});

describe("a client that does not open all streams", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("is told when the server has waited long enough", async () => {
    const client = await dial(cat, v4);
    await client.open(error);
    await client.until(() => client.frames.length === 1);
    expect(rules()).toEqual([]);
    vi.advanceTimersByTime(30_000);
    await client.until(() => client.ended);
    expect(rules()).toEqual(["stream-missing"]);
  });
});

describe("in a tunnel", () => {
  const open = async () => {
    const { socket, head } = await upgrade("portforward", {
      "Sec-WebSocket-Protocol": "SPDY/3.1+portforward.k8s.io",
    });
    return { socket, client: createSpdyClient(tunnelled(socket, head, "byte by byte").connection) };
  };

  test("the frames of SPDY are looked at, however they are cut", async () => {
    const { socket, client } = await open();
    await send(client, [port("error"), port("data")], data(3, "a") + data(1, "b"));
    expect(rules()).toEqual(["stream-direction"]);
    expect(told[0]).toMatchObject({ request: { subresource: "portforward", protocol: "websocket" } });
    socket.destroy();
  });

  test("what is in order is none", async () => {
    const { socket, client } = await open();
    await send(client, [port("error"), port("data")], data(3, "a", true));
    expect(rules()).toEqual([]);
    socket.destroy();
  });
});
