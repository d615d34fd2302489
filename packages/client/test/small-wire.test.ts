import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { attach, exec, type SmallOutput } from "../src/index.ts";
import { hex, serve } from "./api-server.ts";
import { expectNothingUnhandled } from "./garbage.ts";
import { useSmallServer } from "./small-server.ts";

expectNothingUnhandled();

const success = "03 7b22737461747573223a2253756363657373227d";
/** The Status of exit code 7. */
const seven =
  "03 7b22737461747573223a224661696c757265222c22726561736f6e223a224e6f6e5a65726f45786974436f6465222c" +
  "2264657461696c73223a7b22636175736573223a5b7b22726561736f6e223a2245786974436f6465222c226d657373616765223a2237227d5d7d7d";
const refused = "03 7b22737461747573223a224661696c757265222c226d657373616765223a226e6f227d";

const server = useSmallServer();

/** A command whose server sends these messages, and ends. */
function answered(...messages: string[]) {
  server.behave = (socket) => {
    for (const message of messages) socket.send(hex(message));
    socket.close(1000);
  };
  return exec(server.config, "p", { command: ["true"] });
}

async function textOf(output: SmallOutput): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of output) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("what is asked for", () => {
  const v4 = "v4.channel.k8s.io";
  const v5 = "v5.channel.k8s.io";

  test.for([
    ["a command", { command: ["a b", "&"] }, v4, "command=a+b&command=%26&stdout=true&stderr=true"],
    ["input", { command: ["a"], stdin: true }, `${v5},${v4}`, "command=a&stdin=true&stdout=true&stderr=true"],
    ["a terminal", { command: ["a"], tty: true }, v5, "command=a&stdout=true&tty=true"],
    ["an attach", { container: "c", stderr: false }, v5, "container=c&stdout=true"],
  ] as const)("%s", async ([, options, offered, query]) => {
    server.behave = (socket) => socket.close(1000);
    const session =
      "command" in options ? exec(server.config, "p", options) : attach(server.config, "p", options);
    await (await session).exited;
    const exchange = server.exchanges.at(-1);
    expect(exchange?.headers["sec-websocket-protocol"]).toBe(offered);
    expect(exchange?.path).toBe(
      `/api/v1/namespaces/default/pods/p/${"command" in options ? "exec" : "attach"}`,
    );
    expect(new URLSearchParams(exchange?.query.map(([name, value]) => [name, value])).toString()).toBe(query);
  });

  test("impossible things are errors before any network, and quote no secret", async () => {
    const before = server.exchanges.length;
    const secret = { server: `${server.config.server}/?token=secret`, token: "secret" };
    const fails = async (opening: Promise<unknown>, type: typeof TypeError, words: RegExp) => {
      const error: unknown = await opening.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(type);
      expect(String(error)).toMatch(words);
      expect(String(error)).not.toContain("secret");
    };
    const command = ["true"];
    await fails(exec(server.config, "p", { command: [] }), TypeError, /command must/);
    await fails(exec(server.config, "../p", { command }), TypeError, /name must/);
    await fails(exec(server.config, "p", { command, namespace: "a/b" }), TypeError, /namespace must/);
    await fails(
      exec(server.config, "p", { command, tty: { width: 0, height: 1 } }),
      RangeError,
      /width must/,
    );
    await fails(exec(secret, "p", { command }), TypeError, /server must hold no query/);
    await fails(exec({ server: "ftp://secret" }, "p", { command }), TypeError, /dial needs/);
    await fails(exec({ server: "http://192.0.2.1", token: "secret" }, "p", { command }), TypeError, /wss:/);
    await fails(attach(server.config, "p", { requestTimeoutMs: -1 }), RangeError, /handshakeTimeoutMs must/);
    expect(server.exchanges).toHaveLength(before);
  });

  test("a token goes with it, asked for each time", async () => {
    server.behave = (socket) => socket.close(1000);
    let asked = 0;
    const token = async () => {
      asked += 1;
      return `token-${asked}`;
    };
    await (await attach({ ...server.config, token }, "p")).close();
    await (await attach({ ...server.config, token, namespace: "n" }, "p")).close();
    const [first, second] = server.exchanges.slice(-2);
    expect([first?.headers.authorization, second?.headers.authorization]).toEqual([
      "Bearer token-1",
      "Bearer token-2",
    ]);
    expect(second?.path).toBe("/api/v1/namespaces/n/pods/p/attach");
  });

  test("a token that does not come is waited for no longer than a signal allows", async () => {
    const abort = new AbortController();
    const token = (): Promise<string> => {
      queueMicrotask(() => abort.abort(new Error("enough")));
      return new Promise(() => {});
    };
    const opening = attach({ ...server.config, token }, "p", { signal: abort.signal });
    await expect(opening).rejects.toThrow("enough");
    // From the start, the supplier is not even asked.
    const asked = attach({ ...server.config, token: () => expect.unreachable() }, "p", {
      signal: abort.signal,
    });
    await expect(asked).rejects.toThrow("enough");
  });

  test("a server that does not answer, refuses or knows no protocol says so", async () => {
    await using silent = await serve({ upgrade: () => undefined });
    const late = attach({ server: silent.url, requestTimeoutMs: 100 }, "p");
    await expect(late).rejects.toMatchObject({ code: "TIMEOUT" });
    await using refusing = await serve({ protocols: [] });
    const code = { code: "CONNECTION_FAILED", message: /^attach to Pod p could not connect: / };
    await expect(attach({ server: refusing.url }, "p")).rejects.toMatchObject({ code: code.code });
    await expect(attach({ server: refusing.url }, "p")).rejects.toThrow(code.message);
    const reason = new Error("changed my mind");
    await expect(attach(server.config, "p", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("what comes", () => {
  test("output, its end and the exit code", async () => {
    const session = await answered("", "01", "01 6869", "02 21", "09 ff", "03", seven, success);
    expect(await Promise.all([textOf(session.stdout), textOf(session.stderr)])).toEqual(["hi", "!"]);
    expect(await session.exited).toMatchObject({
      kind: "exited",
      code: 7,
      source: "status",
      closeCode: 1000,
      complete: "unproven",
      stdout: { receivedBytes: 2, discardedBytes: 0 },
      stderr: { receivedBytes: 1, discardedBytes: 0 },
    });
    expect(await session.waitForStatus()).toMatchObject({ reason: "NonZeroExitCode" });
  });

  test.for([
    ["no status", [], { kind: "endedWithoutStatus", error: { code: "ENDED_WITHOUT_STATUS" } }],
    [
      "a Status in two messages",
      [success.slice(0, 21), `03 ${success.slice(21)}`],
      { kind: "exited", code: 0 },
    ],
    ["a refusal", [refused], { kind: "failedToStart", error: { code: "FAILED_TO_START", message: "no" } }],
    ["an error behind output", ["01 61", refused], { kind: "failed", error: { code: "SERVER_ERROR" } }],
    ["what is no Status", ["03 7b"], { kind: "failed", error: { code: "PROTOCOL_ERROR" } }],
    ["neither Success nor Failure", ["03 7b7d"], { kind: "failed", error: { code: "PROTOCOL_ERROR" } }],
  ] as const)("%s", async ([, messages, exit]) => {
    const session = await answered(...messages);
    expect(await session.exited).toMatchObject(exit);
  });

  test("text, which no server sends, ends the session", async () => {
    server.behave = (socket) => socket.send("text");
    const session = await attach(server.config, "p");
    const error = { code: "PROTOCOL_ERROR" };
    expect(await session.exited).toMatchObject({ kind: "failed", error });
    await expect(textOf(session.stdout)).rejects.toMatchObject(error);
  });

  test("of an attach a Success is no exit code", async () => {
    server.behave = (socket) => {
      socket.send(hex(success));
      socket.close(1000);
    };
    const session = await attach(server.config, "p");
    const error = { code: "ENDED_WITHOUT_STATUS" };
    expect(await session.exited).toMatchObject({ kind: "endedWithoutStatus", error, status: {} });
    expect(await textOf(session.stdout)).toBe("");
  });

  test("a lost connection is an error behind what came", async () => {
    server.behave = (socket) => socket.send(hex("01 6869"), () => socket.terminate());
    const session = await exec(server.config, "p", { command: ["a"], stdin: true });
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const chunk of session.stdout) chunks.push(Buffer.from(chunk).toString());
    })();
    await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(chunks).toEqual(["hi"]);
    expect(await session.exited).toMatchObject({ kind: "connectionLost", closeCode: 1006 });
    await expect(session.stdin.write("x")).rejects.toMatchObject({ code: "SESSION_ENDED" });
    await expect(session.resize(1, 1)).rejects.toThrow(TypeError);
  });

  test("a server that keeps the socket open behind the status is left after a second", async () => {
    let left: Promise<unknown[]> | undefined;
    server.behave = (socket) => {
      left = once(socket, "close");
      socket.send(hex(seven));
    };
    const session = await exec(server.config, "p", { command: ["a"] });
    expect(await session.exited).toMatchObject({ kind: "exited", code: 7 });
    expect((await left)?.[0]).toBe(1000);
  });
});

describe("what is sent", () => {
  /** The messages of a session, up to its Close. */
  function recorded(): { readonly messages: string[]; readonly closed: () => Promise<unknown> } {
    const messages: string[] = [];
    let closed: Promise<unknown> = Promise.resolve();
    server.behave = (socket) => {
      closed = once(socket, "close");
      socket.on("message", (data: Buffer) => messages.push(data.toString("hex")));
    };
    return { messages, closed: () => closed };
  }

  test("input in messages of 32 KiB, sizes and the end of input, in order, and before a close()", async () => {
    const { messages, closed } = recorded();
    const session = await exec(server.config, "p", { command: ["a"], stdin: true });
    const big = session.stdin.write(new Uint8Array(32_769).fill(0x62));
    void session.stdin.write("a");
    void session.stdin.write("");
    void session.stdin.write("é");
    void session.closeStdin();
    void session.closeStdin();
    const late = session.stdin.write("x");
    await session.close();
    await closed();
    await big;
    expect(messages).toEqual([`00${"62".repeat(32_768)}`, "0062", "0061", "00c3a9", "ff00"]);
    await expect(late).rejects.toMatchObject({ code: "SESSION_ENDED" });
    expect(await session.exited).toMatchObject({ kind: "detached", stdinBytes: 32_772 });
  });

  test.for([
    ["exec", ["047b225769647468223a38302c22486569676874223a32347d0a"]],
    [
      "attach",
      [
        "047b225769647468223a38312c22486569676874223a32357d0a",
        "047b225769647468223a38302c22486569676874223a32347d0a",
      ],
    ],
  ] as const)(
    "a terminal's size comes first, and Ctrl-D where %s has its input ended so",
    async ([kind, sizes]) => {
      const { messages, closed } = recorded();
      const options = { stdin: true, tty: { width: 80, height: 24 } };
      const session = await (kind === "exec"
        ? exec(server.config, "p", { command: ["sh"], ...options })
        : attach(server.config, "p", options));
      await session.resize(1, 65_535);
      await expect(session.resize(0, 1)).rejects.toThrow(RangeError);
      await session.closeStdin();
      await session.close();
      await closed();
      const resized = "047b225769647468223a312c22486569676874223a36353533357d0a";
      expect(messages).toEqual([...sizes, resized, kind === "exec" ? "0004" : "ff00"]);
    },
  );

  test("nothing that was not asked for", async () => {
    const { messages, closed } = recorded();
    const session = await exec(server.config, "p", { command: ["a"] });
    await expect(session.stdin.write("x")).rejects.toThrow(/writing needs stdin: true/);
    await expect(session.resize(1, 1)).rejects.toThrow(/a size needs tty: true/);
    await session.closeStdin();
    await session.close();
    await closed();
    expect(messages).toEqual([]);
    // @ts-expect-error neither bytes nor a string
    await expect((await attach(server.config, "p", { stdin: true })).stdin.write(1)).rejects.toThrow(
      TypeError,
    );
  });

  test("the end of input cannot be told over v4", async () => {
    await using old = await serve({ protocols: ["v4.channel.k8s.io"], socket: () => undefined });
    await using session = await exec({ server: old.url }, "p", { command: ["a"], stdin: true });
    expect(session.protocol).toBe("v4.channel.k8s.io");
    await expect(session.closeStdin()).rejects.toMatchObject({ code: "HALF_CLOSE_UNSUPPORTED" });
    await session.stdin.write("goes on");
  });

  test("a signal ends it, and is what everybody meets", async () => {
    recorded();
    const abort = new AbortController();
    const session = await exec(server.config, "p", { command: ["a"], stdin: true, signal: abort.signal });
    const reading = textOf(session.stdout);
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(await session.exited).toMatchObject({ kind: "aborted", reason });
    await expect(session.stdin.write("x")).rejects.toMatchObject({ code: "SESSION_ENDED" });
  });

  test("running out of time is an end of its own", async () => {
    recorded();
    const abort = new AbortController();
    const session = await exec(server.config, "p", { command: ["a"], signal: abort.signal });
    // As AbortSignal.timeout does, at a time of its own.
    abort.abort(new DOMException("too late", "TimeoutError"));
    expect(await session.exited).toMatchObject({ kind: "timedOut", error: { code: "TIMEOUT" } });
  });

  test("behind input that nobody reads, close() waits a second and not for ever", async () => {
    server.behave = (socket) => socket.pause();
    const session = await exec(server.config, "p", { command: ["a"], stdin: true });
    const stuck = session.stdin.write(new Uint8Array(64 << 20));
    const outcome = stuck.catch((error: unknown) => error);
    await session.close();
    expect(await outcome).toMatchObject({ code: "SESSION_ENDED" });
    expect(await session.exited).toMatchObject({ kind: "detached" });
  });

  test("nor does output that goes on hold a close() up", async () => {
    let talk: NodeJS.Timeout | undefined;
    server.behave = (socket) => {
      socket.pause();
      talk = setInterval(() => socket.send(hex("01 61")), 100);
    };
    const session = await exec(server.config, "p", { command: ["a"], stdin: true });
    session.stdin.write(new Uint8Array(64 << 20)).catch(() => {});
    try {
      await session.close();
    } finally {
      clearInterval(talk);
    }
    expect(await session.exited).toMatchObject({ kind: "detached" });
  });
});
