import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { bytesOfHex, hexOf, type ServerMessage, type SessionVector, sessions } from "@podwire/tools-vectors";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Api, createClient, type ExecOptions, Pod } from "../../src/index.ts";
import { type Behaviour, type Exchange, hex, serve } from "../api-server.ts";

// What a server sends and a client must make of it, as tables; the answers to its own frames are below.

async function setup(behaviour: Behaviour) {
  const server = await serve(behaviour);
  const pods = new Api(Pod, { client: createClient({ server: server.url }) });
  return {
    pods,
    stream: (options: Partial<ExecOptions> = {}) =>
      pods.exec.stream("p", { command: ["true"], readPod: false, ...options }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function sendMessage(socket: WebSocket, message: ServerMessage): void {
  if (typeof message === "string") socket.send(bytesOfHex(message));
  else if ("text" in message) socket.send(message.text);
  else if ("fragments" in message) {
    for (const [index, part] of message.fragments.entries()) {
      socket.send(bytesOfHex(part), { binary: true, fin: index === message.fragments.length - 1 });
    }
  } else {
    const bytes = Buffer.alloc(message.bytes + 1, message.fill, "hex");
    bytes[0] = message.channel;
    socket.send(bytes);
  }
}

function play({ messages, close }: SessionVector, socket: WebSocket): void {
  for (const message of messages) sendMessage(socket, message);
  if (close === 1005) socket.close();
  else if (typeof close === "number") socket.close(close);
  // A ping is behind all the messages: when it is written, so are they.
  else if (close === "tcp") socket.ping("", false, () => socket.terminate());
}

describe("a session", () => {
  test.for(sessions)("$id", async (vector) => {
    await using peer = await setup({ socket: (socket) => play(vector, socket) });
    const session = await peer.stream();
    const { kind, code, error } = vector.exit;
    const text = typeof vector.stdout === "string" ? vector.stdout : filled(vector.stdout);
    const stdout: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of session.stdout) stdout.push(chunk);
    })();
    const exit = await session.exited;
    await reading.catch(() => undefined);
    expect(Buffer.concat(stdout).equals(Buffer.from(text))).toBe(true);
    expect(exit).toMatchObject({
      kind,
      ...(code !== undefined && { code }),
      ...(error && { error: { code: error } }),
    });
    // What is no known end is none for its readers either.
    if (kind === "exited" || kind === "failedToStart") await reading;
    else await expect(reading).rejects.toMatchObject({ code: error });
  });
});

function filled({ fill, bytes }: { readonly fill: string; readonly bytes: number }): string {
  return fill.repeat(bytes);
}

describe("a handshake", () => {
  const upgrade = (protocol: string | undefined) => (exchange: Exchange, socket: Duplex) => {
    const accept = createHash("sha1")
      .update(`${exchange.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const chosen = protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`,
    );
  };

  test.each<[string, Partial<ExecOptions>, NonNullable<Behaviour["upgrade"]>, object]>([
    [
      "D28 a subprotocol that was not offered",
      { protocols: ["v5.channel.k8s.io"] },
      upgrade("v4.channel.k8s.io"),
      { code: "SUBPROTOCOL_UNSUPPORTED" },
    ],
    ["D29 no subprotocol", {}, upgrade(undefined), { code: "SUBPROTOCOL_UNSUPPORTED" }],
    ["D29 an empty subprotocol", {}, upgrade(""), { code: "SUBPROTOCOL_UNSUPPORTED" }],
    [
      "D30 a 403 with a Status",
      {},
      (_, socket) => {
        const body =
          '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \\"p\\" is forbidden","reason":"Forbidden","code":403}';
        socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      },
      {
        code: "FORBIDDEN",
        httpStatus: 403,
        message: 'pods "p" is forbidden',
        status: { reason: "Forbidden" },
      },
    ],
    [
      "D31 a bare 403",
      {},
      (_, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"),
      { code: "SUBPROTOCOL_UNSUPPORTED", httpStatus: 403 },
    ],
  ])("%s", async (_id, options, answer, expected) => {
    await using peer = await setup({ upgrade: answer });
    await expect(peer.stream(options)).rejects.toMatchObject(expected);
  });
});

describe("the client's own frames", () => {
  /** Keeps what the client sends, and ends the session once `enough` have come. */
  const collect = (received: string[], enough: (received: readonly string[]) => boolean): Behaviour => ({
    socket(socket) {
      socket.on("message", (data: Buffer) => {
        received.push(hexOf(data));
        if (!enough(received)) return;
        socket.send(hex("03 7b22737461747573223a2253756363657373227d"));
        socket.close(1000);
      });
    },
  });
  const halfClosed = (received: readonly string[]): boolean => received.at(-1) === "ff00";

  test("D33 the end of stdin is one ff00, however often it is asked for", async () => {
    const received: string[] = [];
    await using peer = await setup(collect(received, halfClosed));
    const session = await peer.stream({ stdin: true });
    await Promise.all([session.closeStdin(), session.closeStdin()]);
    expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
    expect(received).toEqual(["ff00"]);
  });

  test("D34 100 KB of stdin are messages of at most 32,769 bytes", async () => {
    const received: string[] = [];
    await using peer = await setup(collect(received, halfClosed));
    const session = await peer.stream({ stdin: true });
    await session.stdin.write(new Uint8Array(102_400).fill(0x78));
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "exited", stdinBytes: 102_400 });
    expect(received.slice(0, -1).map((one) => [one.slice(0, 4), one.length / 2])).toEqual([
      ["0078", 32_769],
      ["0078", 32_769],
      ["0078", 32_769],
      ["0078", 4_097],
    ]);
  });

  test("D35 a size of 80 by 24 is kubectl's own frame", async () => {
    const received: string[] = [];
    await using peer = await setup(collect(received, ({ length }) => length === 1));
    const session = await peer.stream({ stdin: true, tty: true });
    await session.resize(80, 24);
    await session.exited;
    expect(received).toEqual(["047b225769647468223a38302c22486569676874223a32347d0a"]);
  });

  test("D36 a size that changes before it is sent forces the redraw that kubectl's attach asks for", async () => {
    const received: string[] = [];
    await using peer = await setup(collect(received, ({ length }) => length === 2));
    const session = await peer.pods.attach.stream("p", { stdin: true, tty: true, readPod: false });
    await session.resize(81, 25);
    await session.resize(80, 24);
    await session.waitForStatus();
    expect(received).toEqual([
      "047b225769647468223a38312c22486569676874223a32357d0a",
      "047b225769647468223a38302c22486569676874223a32347d0a",
    ]);
    await session.close();
  });
});

test("D32 a server that answers no ping is given up", async () => {
  await using peer = await setup({ socket: (socket) => socket.pause() });
  const session = await peer.stream({ liveness: { pingAfterMs: 20, silentAfterMs: 60 } });
  expect(await session.exited).toMatchObject({ kind: "failed", error: { code: "PEER_SILENT" } });
});
