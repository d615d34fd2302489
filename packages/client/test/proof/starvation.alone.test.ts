import { dialWith } from "@podwire/transport";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Api, createClient, type ExecOptions, Pod, type StreamSession } from "../../src/index.ts";
import { type ApiServer, hex, serve } from "../api-server.ts";

// One socket carries all channels: whoever reads one of them, or only waits, gets there whatever the others do.

type Name = "stdout" | "stderr";
type Policy = NonNullable<ExecOptions["overflow"]>;

const marks = { highWaterBytes: 65_536, limitBytes: 262_144, spoolLimitBytes: 8_388_608 };
/** Above the mark and below the limit. */
const little = 131_072;
/** Above the limit, and what the kernel holds for both sides. */
const much = 6_291_456;
const messageBytes = 32_768;
const channels = { stdout: 1, stderr: 2 } as const;
const other = { stdout: "stderr", stderr: "stdout" } as const;

let server: ApiServer;
let pods: Api<Pod>;
beforeAll(async () => {
  server = await serve({
    socket(socket, { query }) {
      const [name, bytes] = query.filter(([key]) => key === "command").map(([, value]) => value);
      flood(socket, name === "stdout" ? "stdout" : "stderr", Number(bytes));
    },
  });
  pods = new Api(Pod, { client: createClient({ server: server.url }) });
});
afterAll(() => server[Symbol.asyncDispose]());

/** So many bytes on one channel, a word on the other one, exit code 5, and the end. */
function flood(socket: WebSocket, name: Name, bytes: number): void {
  const message = Buffer.alloc(messageBytes + 1, "x");
  message[0] = channels[name];
  for (let sent = 0; sent < bytes; sent += messageBytes) socket.send(message);
  socket.send(Buffer.concat([Buffer.of(channels[other[name]]), Buffer.from("done")]));
  const status = `{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"5"}]}}`;
  socket.send(Buffer.concat([hex("03"), Buffer.from(status)]));
  socket.close(1000);
}

const open = (overflow: Policy, flooded: Name, bytes: number): Promise<StreamSession> =>
  pods.exec.stream("p", { command: [flooded, String(bytes)], readPod: false, overflow, ...marks });

const ended = { kind: "exited", code: 5 };
const failed = { kind: "limitExceeded", error: { code: "LIMIT_EXCEEDED" } };

/** What is left of the flood for a reader who comes after the end. */
async function expectRest(session: StreamSession, name: Name, policy: Policy, bytes: number): Promise<void> {
  const seen = { bytes: 0 };
  const reading = (async () => {
    for await (const chunk of session[name]) seen.bytes += chunk.byteLength;
  })();
  if (policy === "spool") {
    await reading;
    expect(seen.bytes).toBe(bytes);
    return;
  }
  const missing = bytes - marks.limitBytes;
  await expect(reading).rejects.toMatchObject({
    code: "LIMIT_EXCEEDED",
    message: expect.stringContaining(`${missing} bytes of ${name} were discarded`),
  });
  expect(seen.bytes).toBe(marks.limitBytes);
}

describe.each<Policy>(["pause", "spool", "error"])("with overflow %s,", (policy) => {
  describe.each<Name>(["stdout", "stderr"])("while %s floods,", (flooded) => {
    const quiet = other[flooded];

    test.concurrent("the other output is read to its end", async () => {
      const session = await open(policy, flooded, much);
      expect(await session[quiet].text()).toBe("done");
      const exit = await session.exited;
      expect(exit).toMatchObject(ended);
      expect(exit[flooded].receivedBytes).toBe(much);
      await expectRest(session, flooded, policy, much);
      await session.close();
    });

    test.concurrent("its own end is met by whoever awaits only that", async () => {
      const session = await open(policy, flooded, much);
      expect(await session.exited).toMatchObject(ended);
      await expectRest(session, flooded, policy, much);
      expect(await session[quiet].text()).toBe("done");
      await session.close();
    });

    test.concurrent("the status is met by whoever awaits only that", async () => {
      const session = await open(policy, flooded, much);
      expect(await session.waitForStatus()).toMatchObject({ status: "Failure", reason: "NonZeroExitCode" });
      await session.close();
    });

    test.concurrent("a reader that comes late, but while it floods, loses nothing", async () => {
      const session = await open(policy, flooded, much);
      const late = session[flooded].bytes();
      expect((await late).byteLength).toBe(much);
      expect(await session[quiet].text()).toBe("done");
      expect(await session.exited).toMatchObject(ended);
      await session.close();
    });

    test.concurrent("a reader that breaks off little, and turns to the other output, gets there", async () => {
      const session = await open(policy, flooded, little);
      let first = 0;
      for await (const chunk of session[flooded]) {
        first = chunk.byteLength;
        break;
      }
      expect(await session[quiet].text()).toBe("done");
      expect((await session[flooded].bytes()).byteLength).toBe(little - first);
      expect(await session.exited).toMatchObject(ended);
      await session.close();
    });

    test.concurrent("a reader that breaks off much, and turns to the other output, is told or gets there", async () => {
      const session = await open(policy, flooded, much);
      for await (const _ of session[flooded]) break;
      await expectSettled(session, session[quiet].text());
    });

    test.concurrent("a reader that holds little, and awaits the other output, gets there or is told", async () => {
      const session = await open(policy, flooded, little);
      const held = session[flooded][Symbol.asyncIterator]();
      await held.next();
      const reading = session[quiet].text();
      if (policy === "error") return expectSettled(session, reading);
      expect(await reading).toBe("done");
      await held.return?.();
      expect(await session.exited).toMatchObject(ended);
      await session.close();
    });

    test.concurrent("a reader that holds much, and awaits the other output, is told or gets there", async () => {
      const session = await open(policy, flooded, much);
      const held = session[flooded][Symbol.asyncIterator]();
      await held.next();
      await expectSettled(session, session[quiet].text());
    });

    test.concurrent("a reader that holds much, and awaits the end, is told or gets there", async () => {
      const session = await open(policy, flooded, much);
      const held = session[flooded][Symbol.asyncIterator]();
      await held.next();
      await expectSettled(session, Promise.resolve("done"));
    });
  });

  /** The file has room; memory has not, and then it is the session's error and not a wait. */
  async function expectSettled(session: StreamSession, reading: Promise<string>): Promise<void> {
    if (policy === "spool") expect(await reading).toBe("done");
    else await reading.catch((error: unknown) => expect(error).toMatchObject({ code: "LIMIT_EXCEEDED" }));
    expect(await session.exited).toMatchObject(policy === "spool" ? ended : failed);
    await session.close();
  }
});

test("with overflow pause, nobody who waits for nothing lets the server go on, and a late reader gets it all", async () => {
  let pushed = 0;
  let stopped = (): void => undefined;
  const stuck = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  await using peer = await serve({
    socket(socket) {
      const message = Buffer.alloc(messageBytes + 1, "x");
      message[0] = 1;
      // What the kernel does not take in 300 ms it does not take.
      let timer = setTimeout(stopped, 300);
      const push = (): void => {
        if (pushed === 67_108_864) {
          clearTimeout(timer);
          socket.send(hex("03 7b22737461747573223a2253756363657373227d"));
          socket.close(1000);
          return;
        }
        pushed += messageBytes;
        timer = timer.refresh();
        socket.send(message, push);
      };
      push();
    },
  });
  const api = new Api(Pod, { client: createClient({ server: peer.url }) });
  const session = await api.exec.stream("p", { command: ["x"], readPod: false, ...marks, overflow: "pause" });
  await stuck;
  expect(pushed).toBeLessThan(33_554_432);
  expect((await session.stdout.bytes()).byteLength).toBe(67_108_864);
  expect(await session.exited).toMatchObject({ kind: "exited", code: 0, stdout: { discardedBytes: 0 } });
});

describe("over a transport that cannot pause,", () => {
  const openUnpaused = (flooded: Name, bytes: number): Promise<StreamSession> => {
    const client = createClient({ server: server.url, dial: dialWith(WebSocket) });
    return new Api(Pod, { client }).exec.stream("p", {
      command: [flooded, String(bytes)],
      readPod: false,
      ...marks,
    });
  };

  test("a held reader and a flood are an error once the buffer is full, and what came before is still read", async () => {
    const session = await openUnpaused("stdout", much);
    const held = session.stdout[Symbol.asyncIterator]();
    let seen = (await held.next()).value?.byteLength ?? 0;
    await expect(session.stderr.text()).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    const exit = await session.exited;
    expect(exit).toMatchObject({ kind: "limitExceeded", complete: "incomplete" });
    const rest = (async () => {
      for (let next = await held.next(); !next.done; next = await held.next()) seen += next.value.byteLength;
    })();
    await expect(rest).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(seen + exit.stdout.discardedBytes).toBe(exit.stdout.receivedBytes);
  });

  test("whoever reads or waits needs no pause", async () => {
    const reading = await openUnpaused("stdout", much);
    expect((await reading.stdout.bytes()).byteLength).toBe(much);
    const waiting = await openUnpaused("stderr", much);
    expect(await waiting.exited).toMatchObject(ended);
  });
});
