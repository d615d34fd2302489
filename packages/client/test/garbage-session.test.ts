import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import type { StreamSession } from "../src/index.ts";
import { hex } from "./api-server.ts";
import { expectNothingUnhandled, serveGarbage } from "./garbage.ts";

expectNothingUnhandled();

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
    await using peer = await serveGarbage({ socket: behave });
    const session = await peer.pods.exec.stream("p", { command: ["true"], stdin: true, readPod: false });
    const used = await useAll(session);
    expect(used).toMatchObject({ text, exit });
    if (typeof stdout === "object") expect(used.stdout).toMatchObject(stdout);
    else if (stdout) expect(used.stdout).toBe(stdout);
  });

  test("output that goes on long after the status is delivered whole", async () => {
    await using peer = await serveGarbage({
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
      await using peer = await serveGarbage({ protocols: [name], socket: (socket) => socket.send(message) });
      const session = await peer.pods.exec.stream("p", {
        command: ["true"],
        readPod: false,
        protocols: [name],
      });
      expect(await session.exited).toMatchObject({ kind: "failed", error: { code: "PROTOCOL_ERROR" } });
    },
  );
});
