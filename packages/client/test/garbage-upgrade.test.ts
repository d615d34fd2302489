import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { type Behaviour, type Exchange, hex } from "./api-server.ts";
import { expectNothingUnhandled, serveGarbage } from "./garbage.ts";

expectNothingUnhandled();

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
    await using peer = await serveGarbage({ upgrade });
    await expect(
      peer.pods.exec.run("p", {
        command: ["true"],
        readPod: false,
        ...(code === "TIMEOUT" && { requestTimeoutMs: 500 }),
      }),
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
    await using peer = await serveGarbage({
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
