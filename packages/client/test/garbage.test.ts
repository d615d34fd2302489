import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Api, createClient, Pod, type StreamSession } from "../src/index.ts";
import { answer, type Behaviour, type Exchange, hex, serve } from "./api-server.ts";

// A server that talks nonsense crashes nobody and leaves nothing unsettled; each kind of nonsense has its outcome.

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(async () => {
  // Node reports them between two turns of the event loop.
  await new Promise(setImmediate);
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

async function setup(behaviour: Behaviour) {
  const server = await serve(behaviour);
  return {
    server,
    pods: new Api(Pod, { client: createClient({ server: server.url, requestTimeoutMs: 2_000 }) }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("over HTTP", () => {
  const body =
    (text: string, status = 200) =>
    (response: ServerResponse): void =>
      answer(response, status, text);
  const endless =
    (status: number) =>
    (response: ServerResponse): void => {
      response.writeHead(status);
      const chunk = "x".repeat(65_536);
      const more = (): void => void response.write(chunk, () => setImmediate(more));
      more();
    };

  const bad = { code: "BAD_RESPONSE", message: expect.stringContaining("not what the Kubernetes API sends") };
  test.each<[string, (response: ServerResponse) => void, object]>([
    ["no JSON", body("hello"), { ...bad, body: "hello" }],
    ["truncated JSON", body('{"metadata":{"name"'), bad],
    ["HTML", body("<html><body>log in</body></html>"), bad],
    ["nothing", body(""), bad],
    ["null", body("null"), bad],
    ["a number", body("5"), bad],
    ["a string", body('"pod"'), bad],
    ["an array", body("[]"), bad],
    ["an object without metadata", body("{}"), bad],
    ["metadata of another type", body('{"metadata":"x"}'), bad],
    ["bytes that are no UTF-8", (response) => void response.end(hex("ff fe 00 7b")), bad],
    ["204 without content", (response) => void response.writeHead(204).end(), bad],
    [
      "304 out of nowhere",
      (response) => void response.writeHead(304).end(),
      { code: "BAD_RESPONSE", httpStatus: 304 },
    ],
    ["an empty 403", body("", 403), { code: "FORBIDDEN", httpStatus: 403, body: "" }],
    ["a 500 of HTML", body("<html>oops</html>", 500), { code: "SERVER_ERROR", body: "<html>oops</html>" }],
    [
      "a Status of wrong types",
      body('{"kind":"Status","code":"x"}', 404),
      { code: "NOT_FOUND", status: undefined },
    ],
    ["a status code nobody knows", body("", 599), { code: "SERVER_ERROR", httpStatus: 599 }],
    ["an error that never ends", endless(500), { code: "SERVER_ERROR", httpStatus: 500 }],
    ["an answer that never ends", (response) => void response.write("{"), { code: "TIMEOUT" }],
    ["no answer at all", () => undefined, { code: "TIMEOUT" }],
    [
      "a connection that breaks at once",
      (response) => void response.destroy(),
      { code: "CONNECTION_FAILED" },
    ],
    [
      "a connection that breaks in the middle",
      (response) => void response.write('{"metadata":{', () => response.destroy()),
      { code: "CONNECTION_FAILED" },
    ],
    [
      "what is no HTTP",
      (response) => void response.socket?.end("\x00\x01 SSH-2.0\r\n\r\n"),
      { code: "CONNECTION_FAILED" },
    ],
  ])("%s", async (_kind, respond, expected) => {
    await using peer = await setup({ http: (_, response) => respond(response), protocols: [] });
    await expect(peer.pods.get("p", { requestTimeoutMs: 500 })).rejects.toMatchObject({
      name: "ClientError",
      ...expected,
    });
    // Reading the Pod meets the same.
    await expect(peer.pods.attach.stream("p", { requestTimeoutMs: 500 })).rejects.toThrow();
  });

  test("an answer without end is cut at 256 MiB, before it fills the memory", async () => {
    const value = new Uint8Array(67_108_864).fill(0x20);
    let reads = 0;
    const client = createClient({
      server: "http://127.0.0.1:1",
      fetch: async () => ({
        status: 200,
        headers: { get: () => null },
        text: async () => "",
        body: {
          getReader: () => ({
            read: async () => {
              reads += 1;
              return { done: false, value };
            },
            cancel: async () => undefined,
          }),
        },
      }),
    });
    await expect(new Api(Pod, { client }).get("p")).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(reads).toBe(5);
  });

  test.each<[string, object]>([
    ["containers that are no list", { spec: { containers: "main" } }],
    ["a container that is null", { spec: { containers: [null] } }],
    [
      "statuses that are no list",
      { spec: { containers: [{ name: "main" }] }, status: { containerStatuses: {} } },
    ],
    [
      "a status that is null",
      { spec: { containers: [{ name: "main" }] }, status: { containerStatuses: [null] } },
    ],
    ["conditions that are no list", { spec: { containers: [{ name: "main" }] }, status: { conditions: 5 } }],
  ])("a Pod with %s is BAD_RESPONSE to attach and exec", async (_kind, more) => {
    await using peer = await setup({
      http: (_, response) => answer(response, 200, { metadata: { name: "p" }, ...more }),
    });
    for (const open of [
      () => peer.pods.attach.stream("p"),
      () => peer.pods.exec.run("p", { command: ["true"] }),
    ]) {
      await expect(open()).rejects.toMatchObject({ code: "BAD_RESPONSE", cause: expect.any(TypeError) });
    }
  });

  test("a Pod of nulls and nothing is waited for until the time is over", async () => {
    await using peer = await setup({
      http: (_, response) =>
        answer(response, 200, { metadata: {}, spec: { containers: [{ name: "main" }] }, status: null }),
    });
    await expect(peer.pods.attach.stream("p", { requestTimeoutMs: 200 })).rejects.toMatchObject({
      code: "TIMEOUT",
    });
  });
});

describe("instead of an upgrade", () => {
  const reply = (head: string) => (_: Exchange, socket: Duplex) => void socket.end(head);
  const acceptOf = ({ headers }: Exchange): string =>
    createHash("sha1")
      .update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
  const upgraded = (protocol: string, rest: Buffer) => (exchange: Exchange, socket: Duplex) => {
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    head.push(`Sec-WebSocket-Accept: ${acceptOf(exchange)}`, `Sec-WebSocket-Protocol: ${protocol}`, "", "");
    socket.write(head.join("\r\n"));
    socket.write(rest);
    // ws answers garbage with a Close of its own.
    socket.on("data", () => socket.end());
  };

  test.each<[string, NonNullable<Behaviour["upgrade"]>, object]>([
    [
      "200 and HTML",
      reply("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"),
      { code: "BAD_RESPONSE", httpStatus: 200 },
    ],
    [
      "a redirect",
      reply("HTTP/1.1 302 Found\r\nLocation: /x?token=y\r\nContent-Length: 0\r\n\r\n"),
      { code: "BAD_RESPONSE", httpStatus: 302 },
    ],
    [
      "an empty 403",
      reply("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
      { code: "SUBPROTOCOL_UNSUPPORTED", httpStatus: 403 },
    ],
    [
      "a 502 of a proxy",
      reply("HTTP/1.1 502 Bad\r\nContent-Length: 3\r\n\r\nbad"),
      { code: "SERVER_ERROR", httpStatus: 502, body: "bad" },
    ],
    [
      "a truncated body",
      reply("HTTP/1.1 500 Bad\r\nContent-Length: 900\r\n\r\nhalf"),
      { code: "SERVER_ERROR", body: "half" },
    ],
    ["half a head", reply("HTTP/1.1 101 Switch"), { code: "CONNECTION_FAILED" }],
    ["what is no HTTP", reply("SSH-2.0-OpenSSH\r\n"), { code: "CONNECTION_FAILED" }],
    ["nothing", (_, socket) => void socket.destroy(), { code: "CONNECTION_FAILED" }],
    ["silence", () => undefined, { code: "TIMEOUT" }],
    [
      "101 without a key",
      reply("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
      { code: /CONNECTION_FAILED|SUBPROTOCOL_UNSUPPORTED/ },
    ],
    [
      "101 for a subprotocol that was not offered",
      upgraded("v6.channel.k8s.io", hex("")),
      { code: "SUBPROTOCOL_UNSUPPORTED" },
    ],
  ])("%s", async (_kind, upgrade, { code, ...more }: { code?: unknown }) => {
    await using peer = await setup({ upgrade });
    await expect(
      peer.pods.exec.run("p", { command: ["true"], readPod: false, requestTimeoutMs: 500 }),
    ).rejects.toMatchObject({
      name: "ClientError",
      code: code instanceof RegExp ? expect.stringMatching(code) : code,
      ...more,
    });
  });

  test.each<[string, string]>([
    ["a reserved bit", "f2 01 00"],
    ["an unknown opcode", "83 01 00"],
    ["a masked frame", "82 81 00 00 00 00 01"],
    ["a length of 2^63", "82 7f 80 00 00 00 00 00 00 00"],
    ["a close of one byte", "88 01 03"],
    ["text that is no UTF-8", "81 02 c3 28"],
    ["HTML", "3c 68 74 6d 6c 3e"],
  ])("101 and then %s as a frame is a lost connection", async (_kind, frame) => {
    await using peer = await setup({
      upgrade: upgraded("v5.channel.k8s.io", hex(`82 03 01 68 69 ${frame}`)),
    });
    const session = await peer.pods.exec.stream("p", { command: ["true"], readPod: false });
    const read: string[] = [];
    const reading = (async () => {
      for await (const chunk of session.stdout) read.push(Buffer.from(chunk).toString());
    })();
    await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(read).toEqual(["hi"]);
    expect(await session.exited).toMatchObject({ kind: "connectionLost", stdout: { receivedBytes: 2 } });
  });
});

describe("over an open session", () => {
  const success = "03 7b22737461747573223a2253756363657373227d";
  const failure = "03 7b22737461747573223a224661696c757265222c226d657373616765223a226e6f227d";
  const send =
    (...messages: string[]) =>
    (socket: WebSocket): void => {
      for (const message of messages) socket.send(hex(message));
      socket.close(1000);
    };

  /** Uses everything a session has, and answers once all of it has settled. */
  async function useAll(session: StreamSession) {
    const bytes: number[] = [];
    const [stdout, , , , , status, exit] = await Promise.all([
      (async () => {
        try {
          for await (const chunk of session.stdout) bytes.push(...chunk);
          return "ended";
        } catch (error) {
          return error;
        }
      })(),
      session.stderr.until("nothing", { timeoutMs: 3_000 }).catch((error: unknown) => error),
      session.stdin.write("input").catch((error: unknown) => error),
      session.closeStdin().catch((error: unknown) => error),
      session.resize(80, 24).catch((error: unknown) => error),
      session.waitForStatus(),
      session.exited,
    ]);
    await session.close();
    return { stdout, text: Buffer.from(bytes).toString(), status, exit };
  }

  test.each<
    [
      string,
      (socket: WebSocket) => void,
      { text?: string; stdout?: string | Record<string, string>; exit: object },
    ]
  >([
    [
      "an end without a status",
      (s) => s.close(1000),
      { stdout: { code: "ENDED_WITHOUT_STATUS" }, exit: { kind: "endedWithoutStatus", closeCode: 1000 } },
    ],
    ["a Close without a code", (s) => s.close(), { exit: { kind: "endedWithoutStatus", closeCode: 1005 } }],
    [
      "a Close of 1011",
      (s) => s.close(1011, "oops"),
      { exit: { kind: "endedWithoutStatus", closeCode: 1011 } },
    ],
    [
      "an abrupt end",
      (s) => s.terminate(),
      { stdout: { code: "CONNECTION_LOST" }, exit: { kind: "connectionLost", closeCode: 1006 } },
    ],
    [
      "output and an abrupt end",
      (s) => s.send(hex("01 6869"), () => s.terminate()),
      {
        text: "hi",
        stdout: { code: "CONNECTION_LOST" },
        exit: { kind: "connectionLost", stdout: { receivedBytes: 2 } },
      },
    ],
    [
      "a status and an abrupt end",
      (s) => s.send(hex(success), () => s.terminate()),
      { stdout: "ended", exit: { kind: "exited", code: 0, closeCode: 1006 } },
    ],
    [
      "a status in two pieces",
      send("03 7b2273746174757322", "03 3a2253756363657373227d"),
      { exit: { kind: "exited", code: 0 } },
    ],
    [
      "half a status",
      send("03 7b2273746174757322"),
      { exit: { kind: "failed", error: { code: "PROTOCOL_ERROR" } } },
    ],
    ["a status twice", send(success, failure), { exit: { kind: "exited", code: 0 } }],
    [
      "two statuses in one message",
      send(`${success} 7b22737461747573223a2253756363657373227d`),
      { exit: { kind: "failed", error: { code: "PROTOCOL_ERROR" } } },
    ],
    [
      "a status before the output",
      send(success, "01 6869"),
      { text: "hi", stdout: "ended", exit: { kind: "exited", code: 0 } },
    ],
    [
      "a status that is no JSON",
      send("03 6e6f"),
      { exit: { kind: "failed", error: { code: "PROTOCOL_ERROR" } } },
    ],
    [
      "a status of wrong types",
      send("03 7b22737461747573223a357d"),
      { exit: { kind: "failed", error: { code: "PROTOCOL_ERROR" } } },
    ],
    [
      "a status that says nothing",
      send("03 7b7d"),
      { exit: { kind: "failed", error: { code: "PROTOCOL_ERROR" } } },
    ],
    [
      "a failure before any output",
      send(failure),
      { stdout: "ended", exit: { kind: "failedToStart", error: { code: "FAILED_TO_START", message: "no" } } },
    ],
    [
      "a failure after output",
      send("01 6869", failure),
      { text: "hi", exit: { kind: "failed", error: { code: "SERVER_ERROR" } } },
    ],
    [
      "an exit code that is none",
      // {"status":"Failure","reason":"NonZeroExitCode"}
      send(
        "03 7b22737461747573223a224661696c757265222c22726561736f6e223a224e6f6e5a65726f45786974436f6465227d",
      ),
      { exit: { kind: "failed", error: { code: "PROTOCOL_ERROR" } } },
    ],
    [
      "unknown channels",
      send("05 78", "09 78", "80 78", "ff 01", "ff", success),
      { text: "", exit: { kind: "exited", code: 0 } },
    ],
    ["its own channels", send("00 78", "04 78", success), { text: "", exit: { kind: "exited", code: 0 } }],
    [
      "empty messages",
      send("", "01", "02", "03", "", success),
      { text: "", exit: { kind: "exited", code: 0 } },
    ],
    [
      "a text message",
      (s) => s.send("hello"),
      { stdout: { code: "PROTOCOL_ERROR" }, exit: { kind: "failed", error: { code: "PROTOCOL_ERROR" } } },
    ],
    [
      "an empty text message",
      (s) => s.send("", () => send(success)(s)),
      { exit: { kind: "exited", code: 0 } },
    ],
    [
      "a status and then no Close",
      (s) => s.send(hex(success)),
      { stdout: "ended", exit: { kind: "exited", code: 0 } },
    ],
  ])("%s", async (_kind, behave, { text = "", stdout, exit }) => {
    await using peer = await setup({ socket: behave });
    const session = await peer.pods.exec.stream("p", { command: ["true"], stdin: true, readPod: false });
    const used = await useAll(session);
    expect(used).toMatchObject({ text, exit });
    if (typeof stdout === "object") expect(used.stdout).toMatchObject(stdout);
    else if (stdout) expect(used.stdout).toBe(stdout);
  });

  test("output that goes on long after the status is delivered whole", async () => {
    await using peer = await setup({
      socket(socket) {
        socket.send(hex(success));
        let left = 5;
        const timer = setInterval(() => {
          socket.send(hex("01 78"));
          left -= 1;
          if (left > 0) return;
          clearInterval(timer);
          socket.close(1000);
        }, 400);
      },
    });
    const session = await peer.pods.exec.stream("p", { command: ["true"], readPod: false });
    expect(await session.stdout.text()).toBe("xxxxx");
    expect(await session.exited).toMatchObject({ kind: "exited", closeCode: 1000 });
  });

  test.each([["1!!!!"], ["1aGk"], ["1aGk=="], [" aGk="], ["\u00ffaGk="]])(
    "base64 that is none, %s",
    async (message) => {
      const name = "v4.base64.channel.k8s.io";
      await using peer = await setup({ protocols: [name], socket: (socket) => socket.send(message) });
      const session = await peer.pods.exec.stream("p", {
        command: ["true"],
        readPod: false,
        protocols: [name],
      });
      expect(await session.exited).toMatchObject({ kind: "failed", error: { code: "PROTOCOL_ERROR" } });
    },
  );
});
