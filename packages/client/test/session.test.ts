import { once } from "node:events";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { WebSocket } from "ws";
import { Api, createClient, Pod, type RunOptions } from "../src/index.ts";
import { type ApiServer, hex, serve } from "./api-server.ts";
import { unchecked } from "./unchecked.ts";

const seed = 0x706f64;
const success = hex("03 7b22737461747573223a2253756363657373227d");

/** What the next session meets. */
let behave: (socket: WebSocket) => void = () => undefined;
let server: ApiServer;
let pods: Api<Pod>;

beforeAll(async () => {
  server = await serve({ socket: (socket) => behave(socket) });
  pods = new Api(Pod, { client: createClient({ server: server.url }) });
});
afterAll(() => server[Symbol.asyncDispose]());

const open = (options: object = {}) =>
  pods.exec.stream("p", { command: ["cat"], stdin: true, readPod: false, ...options });
const run = (options: Partial<RunOptions> = {}) =>
  pods.exec.run("p", { command: ["cat"], readPod: false, ...options });

function endWell(socket: WebSocket): void {
  socket.send(success);
  socket.close(1000);
}

describe("stdin", () => {
  test("after close() and after the end is SESSION_ENDED, at any moment", async () => {
    behave = () => undefined;
    const session = await open();
    const closing = session.close();
    await expect(session.stdin.write("x")).rejects.toMatchObject({ code: "SESSION_ENDED" });
    await closing;
    await expect(session.stdin.write("x")).rejects.toMatchObject({ code: "SESSION_ENDED" });
    await session.closeStdin();
  });

  test("written before close() is sent, awaited or not", async () => {
    const messages: string[] = [];
    let peer: Promise<unknown> = Promise.resolve();
    behave = (socket) => {
      peer = once(socket, "close");
      socket.on("message", (data: Buffer) => messages.push(data.toString("hex")));
    };
    const session = await open();
    for (const piece of ["a", "b", "c"]) void session.stdin.write(piece);
    await session.close();
    await peer;
    expect(messages).toEqual(["0061", "006263"]);
    expect(await session.exited).toMatchObject({ kind: "detached", stdinBytes: 3 });
  });

  test("takes bytes and strings; anything else rejects and throws nothing", async () => {
    behave = (socket) =>
      socket.on("message", (data: Buffer) => socket.send(Buffer.concat([hex("01"), data])));
    await using session = await open();
    for (const wrong of [5, null, undefined, {}, [1]]) {
      await expect(session.stdin.write(unchecked(wrong))).rejects.toThrow(TypeError);
    }
    await session.stdin.write("ü");
    await session.stdin.write(Buffer.from("!"));
    const { before } = await session.stdout.until("!");
    expect(before).toBe("\x00ü\x00");
  });

  test("as a web stream ends with it, and is written in order", async () => {
    const messages: string[] = [];
    behave = (socket) =>
      socket.on("message", (data: Buffer) => {
        messages.push(data.toString("hex"));
        if (data[0] === 0xff) endWell(socket);
      });
    const session = await open();
    await new Blob(["one", "two"]).stream().pipeTo(session.stdin.writable);
    expect(await session.exited).toMatchObject({ kind: "exited", code: 0, stdinBytes: 6 });
    expect(messages.slice(-1)).toEqual(["ff00"]);
    expect(
      messages
        .slice(0, -1)
        .map((one) => one.slice(2))
        .join(""),
    ).toBe("6f6e6574776f");
  });

  test("counts the bytes that the transport took, when the peer stops reading and goes", async () => {
    let peer: WebSocket | undefined;
    behave = (socket) => {
      socket.pause();
      peer = socket;
    };
    const session = await open();
    const writing = session.stdin.write(new Uint8Array(67_108_864));
    peer?.terminate();
    await expect(writing).rejects.toMatchObject({ code: "SESSION_ENDED" });
    const { kind, stdinBytes } = await session.exited;
    expect(kind).toBe("connectionLost");
    expect(stdinBytes).toBeGreaterThan(0);
    expect(stdinBytes).toBeLessThan(67_108_864);
  });
});

describe("exec.run", () => {
  test("a process that exits while stdin is still being written is no error", async () => {
    behave = (socket) => socket.once("message", () => endWell(socket));
    const forever = (async function* () {
      for (;;) yield new Uint8Array(65_536);
    })();
    for (const stdin of [new Uint8Array(33_554_432), forever]) {
      expect((await run({ stdin })).exitCode).toBe(0);
    }
  });

  test("a source of stdin that never yields again holds nobody up", async () => {
    behave = endWell;
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    expect((await run({ stdin: silent })).exitCode).toBe(0);
  });

  test("a source of stdin that fails is the error of the run, and the session is left", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    behave = (socket) => {
      closed = once(socket, "close");
    };
    const failing = (async function* () {
      yield "a";
      throw new Error("disk on fire");
    })();
    await expect(run({ stdin: failing })).rejects.toThrow("disk on fire");
    await closed;
  });

  test.each<[string, Partial<RunOptions>, string]>([
    ["its time is over", { timeoutMs: 300 }, "TIMEOUT"],
    ["it writes more than it may", { maxOutputBytes: 2 }, "LIMIT_EXCEEDED"],
  ])("rejects when %s, with what it wrote until then", async (_when, options, code) => {
    behave = (socket) => {
      socket.send(hex("01 6869"));
      if (code === "LIMIT_EXCEEDED") socket.send(hex("01 21"));
      // Its time passes when it has all that was sent.
      socket.once("pong", () => vi.advanceTimersByTime(300)).ping();
    };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const error: unknown = await run(options).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, result: { stdout: { bytes: expect.any(Uint8Array) } } });
    expect(error).toHaveProperty("result.stdout.bytes.byteLength", 2);
  });

  test.each([
    ["without a status", (socket: WebSocket) => socket.close(1000), "ENDED_WITHOUT_STATUS"],
    ["abruptly", (socket: WebSocket) => socket.terminate(), "CONNECTION_LOST"],
    ["with a text message", (socket: WebSocket) => socket.send("x"), "PROTOCOL_ERROR"],
  ])("rejects when the session ends %s: no code is not code 0", async (_how, end, code) => {
    behave = end;
    await expect(run()).rejects.toMatchObject({
      code,
      cause: { code },
      result: { exit: expect.any(Object) },
    });
  });
});

describe("any messages in any order and any end", () => {
  const payload = fc.uint8Array({ maxLength: 40 });
  const message = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom(1, 2), payload) },
    { weight: 2, arbitrary: fc.tuple(fc.nat(255), payload) },
    // The Status, whole and in pieces.
    { weight: 1, arbitrary: fc.constant([3, success.subarray(1)] as const) },
    { weight: 1, arbitrary: fc.nat(18).map((end) => [3, success.subarray(1, end + 1)] as const) },
    { weight: 1, arbitrary: fc.constant("text" as const) },
    { weight: 1, arbitrary: fc.constant("nothing" as const) },
  );
  const end = fc.constantFrom("1000", "without a code", "3001", "terminate", "destroy", "abort", "leave");

  test("leave everything settled, and lose no byte without saying so", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 12 }),
        end,
        fc.boolean(),
        async (messages, ending, read) => {
          const sent = { 1: 0, 2: 0 };
          behave = (socket) => {
            for (const one of messages) {
              if (one === "text") socket.send("text");
              else if (one === "nothing") socket.send("");
              else {
                const [channel, bytes] = one;
                if (channel === 1 || channel === 2) sent[channel] += bytes.byteLength;
                socket.send(Buffer.concat([Buffer.of(channel), bytes]));
              }
            }
            if (ending === "1000") socket.close(1000);
            else if (ending === "3001") socket.close(3001);
            else if (ending === "without a code") socket.close();
            else if (ending === "terminate") socket.terminate();
            else if (ending === "destroy") setImmediate(() => socket.terminate());
          };
          const controller = new AbortController();
          const session = await open({ signal: controller.signal });
          const seen = { stdout: 0, stderr: 0 };
          const reading = read
            ? (["stdout", "stderr"] as const).map(async (name) => {
                for await (const chunk of session[name]) seen[name] += chunk.byteLength;
              })
            : [];
          const others = [
            session.stdin.write("abc"),
            session.resize(80, 24),
            session.closeStdin(),
            session.waitForStatus(),
          ];
          if (ending === "abort") controller.abort(new Error("stop"));
          if (ending === "leave") await session.close();
          const exit = await session.exited;
          const readers = await Promise.allSettled(reading);
          await Promise.allSettled(others);
          await session.close();
          for (const [index, name] of (["stdout", "stderr"] as const).entries()) {
            const { receivedBytes, discardedBytes } = exit[name];
            const total = sent[index === 0 ? 1 : 2];
            expect(receivedBytes).toBeLessThanOrEqual(total);
            if (read) expect(seen[name]).toBe(receivedBytes);
            expect(discardedBytes).toBe(0);
            // A reader that saw a plain end saw everything, or left on its own account.
            if (
              readers[index]?.status === "fulfilled" &&
              exit.closeCode === 1000 &&
              exit.kind !== "detached"
            ) {
              expect(receivedBytes).toBe(total);
            }
          }
          const complete = exit.status !== undefined;
          if (!complete) expect(exit.kind).not.toBe("exited");
        },
      ),
      { seed, numRuns: 150 },
    );
  }, 60_000);
});
