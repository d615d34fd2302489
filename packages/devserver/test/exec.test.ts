import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLifeline } from "./lifeline.ts";
import { createRequests, type Requests, shell } from "./requests.ts";
import { frame, openSession, type RawSession, upgradeRequest, v4, v5 } from "./sessions.ts";

let server: DevServer;
let requests: Requests;

beforeAll(async () => {
  server = await createDevServer();
  requests = createRequests(server);
  await requests.run("web", shell("sleep 1000"));
});

afterAll(() => server.close());

/** Runs a line of shell in the Pod; `streams` are the letters of stdin, stdout, stderr and tty. */
function exec(script: string, streams = "oe", protocol: string = v5): Promise<RawSession> {
  const names: Record<string, string> = { i: "stdin", o: "stdout", e: "stderr", t: "tty" };
  const query = [...streams].map((letter) => `${names[letter]}=true`).join("&");
  const command = `command=sh&command=-c&command=${encodeURIComponent(script)}`;
  return openSession(server, `web/exec?${command}&${query}`, [protocol]);
}

const hexOf = ({ messages }: RawSession): string[] => messages.map((one) => one.toString("hex"));
const success = Buffer.from('\x03{"metadata":{},"status":"Success"}').toString("hex");

/** The session goes on: what is sent now is answered. */
async function expectAlive(session: RawSession): Promise<void> {
  session.socket.ping();
  await once(session.socket, "pong");
}

describe.each([v5, v4])("over %s", (protocol) => {
  test.for([
    ["o", "01"],
    ["oe", "01"],
    ["ioe", "01"],
    ["e", "02"],
    ["ie", "02"],
    ["i", "03"],
  ])("with %s begins with the empty message %s", async ([streams = "", opening]) => {
    const session = await exec("true", streams, protocol);
    expect(await session.closed).toBe(1000);
    expect(hexOf(session)).toEqual([opening, success]);
  });

  test("brings output, then the status as one last message, then Close 1000", async () => {
    const session = await exec("echo out; echo err >&2", "oe", protocol);
    expect(await session.closed).toBe(1000);
    const [opening, ...rest] = hexOf(session);
    expect(opening).toBe("01");
    expect(rest.slice(0, 2).sort()).toEqual(["016f75740a", "026572720a"]);
    expect(rest.slice(2)).toEqual([success]);
  });

  test.for([
    ["exit 3", "3"],
    ["exit 255", "255"],
    ["kill -KILL $$", "137"],
    ["kill -TERM $$", "143"],
  ])("%s is a Failure with exit code %s", async ([script = "", code]) => {
    const session = await exec(script, "o", protocol);
    expect(await session.closed).toBe(1000);
    const said =
      protocol === v5
        ? `command terminated with exit code ${code}`
        : `error executing command [sh -c ${script}], exit code ${code}`;
    expect(session.text(3)).toBe(
      `{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: ${said}","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"${code}"}]}}`,
    );
  });

  test("a program that is not there, or none, is an InternalError without exit code", async () => {
    for (const [query, why] of [
      ["command=no-such-program&command=x", 'exec: "no-such-program": executable file not found in $PATH'],
      ["", "args must not be empty"],
    ] as const) {
      const session = await openSession(server, `web/exec?${query}&stdout=true`, [protocol]);
      expect(await session.closed).toBe(1000);
      expect(hexOf(session)[0]).toBe("01");
      const { message, ...rest } = JSON.parse(session.text(3));
      // Who translates puts the prefix before that of the runtime.
      expect(message.startsWith("Internal error occurred: ".repeat(protocol === v5 ? 2 : 1))).toBe(true);
      expect(message.replace(/^(Internal error occurred: )+/, "")).toMatch(
        /^error executing command in container: failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: /,
      );
      expect(message.endsWith(`${why}: unknown`)).toBe(true);
      expect(rest).toEqual({
        metadata: {},
        status: "Failure",
        reason: "InternalError",
        details: { causes: [{ message: message.replace("Internal error occurred: ", "") }] },
        code: 500,
      });
    }
  });

  test("sends only what was asked for", async () => {
    const session = await exec("echo out; echo err >&2", "e", protocol);
    await session.closed;
    expect(hexOf(session)).toEqual(["02", "026572720a", success]);
  });

  test("waits for the background child that holds the output", async () => {
    const session = await exec("exec 3<&0; (read -r go <&3; echo late) & echo done", "io", protocol);
    await session.until(({ text }) => text(1) === "done\n");
    session.send("00 0a");
    await session.closed;
    expect(session.text(1)).toBe("done\nlate\n");
    expect(hexOf(session).at(-1)).toBe(success);
  });

  test("passes over what means nothing", async () => {
    const session = await exec('read -r line; echo "got $line"', "io", protocol);
    for (const nothing of ["", "00", "01 7a", "02 7a", "03 7a", "05 7a", "09 7a", "fe 00"])
      session.send(nothing);
    session.socket.send("\0text, then ");
    session.send("00 6279746573 0a");
    await session.closed;
    expect(session.text(1)).toBe("got text, then bytes\n");
  });

  test("drops stdin that was not asked for", async () => {
    const session = await exec("cat; echo end", "o", protocol);
    session.send("00 7a0a");
    await session.closed;
    expect(session.text(1)).toBe("end\n");
  });

  test("a client that leaves ends the command's input, and not the command", async () => {
    for (const leave of ["close", "terminate"] as const) {
      const lifeline = await createLifeline();
      const session = await exec(`cat >/dev/null; echo "read to its end" >${lifeline.path}`, "io", protocol);
      session.send("00 7a");
      await expectAlive(session);
      session.socket[leave]();
      expect(await lifeline.held).toBe("read to its end");
      await lifeline.released;
      await lifeline.remove();
    }
  });

  test("brings much output complete, in messages of at most 32 KiB and the channel", async () => {
    const session = await exec("head -c 10000000 /dev/zero | tr '\\0' x", "o", protocol);
    expect(await session.closed).toBe(1000);
    const sizes = session.messages.map(({ byteLength }) => byteLength);
    expect(Math.max(...sizes)).toBe(32_769);
    expect(session.bytes(1).equals(Buffer.alloc(10_000_000, "x"))).toBe(true);
    expect(hexOf(session).at(-1)).toBe(success);
  });
});

test("a message of 32 MiB is taken, and one byte more ends the session", async () => {
  const session = await exec("head -c 33554431 | wc -c; cat >/dev/null", "io");
  session.send(Buffer.alloc(33_554_432));
  await session.until(({ text }) => text(1).trim() === "33554431");
  session.send(Buffer.alloc(33_554_433));
  await session.closed;
  expect(session.text(3)).toBe("");
});

describe("the end of input", () => {
  test("is ff 00 over v5, once; what comes behind it is dropped", async () => {
    const session = await exec("wc -c; read -r more || echo none", "io");
    session.send("00 31 32 33");
    session.send("ff 00");
    session.send("ff 00");
    session.send("00 34 35");
    expect(await session.closed).toBe(1000);
    expect(session.text(1).replaceAll(" ", "")).toBe("3\nnone\n");
    expect(hexOf(session).at(-1)).toBe(success);
  });

  test("means nothing where no stdin was asked for", async () => {
    const session = await exec("cat; echo end", "o");
    session.send("ff 00");
    await session.closed;
    expect(session.text(1)).toBe("end\n");
  });

  test("does not exist over v4", async () => {
    const session = await exec('read -r line; echo "$line"', "io", v4);
    session.send("ff 00");
    session.send("ff");
    session.send("ff 05");
    session.send("00 68690a");
    await session.closed;
    expect(session.text(1)).toBe("hi\n");
  });

  test.for(["ff", "ff 00 00", "ff 05", "ff ff"])(
    "malformed as %s ends the session without a status",
    async (bytes) => {
      const session = await exec("echo up; sleep 1000", "io");
      await session.until(({ text }) => text(1) === "up\n");
      session.send(bytes);
      expect(await session.closed).toBe(1000);
      expect(session.text(3)).toBe("");
    },
  );

  test.for(["ff 01", "ff 02", "ff 03", "ff 04"])("for another channel, %s, means nothing", async (bytes) => {
    const session = await exec('read -r line; echo "$line"', "io");
    session.send(bytes);
    session.send("00 68690a");
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe("hi\n");
  });
});

describe("a terminal", () => {
  const sizeWhenTold = 'while read -r line; do [ "$line" = end ] && exit; stty size; done';

  async function sizeAfter(messages: readonly string[]): Promise<string> {
    const session = await exec(`stty -echo; echo up; ${sizeWhenTold}`, "iot");
    await session.until(({ text }) => text(1).includes("up"));
    for (const message of messages) session.send(Buffer.from(`\x04${message}`));
    session.send(Buffer.from("\0\n"));
    await session.until(({ text }) => /\d+ \d+\r\n/.test(text(1)));
    session.send(Buffer.from("\0end\n"));
    await session.closed;
    return /(\d+ \d+)\r\n/.exec(session.text(1))?.[1] ?? "";
  }

  test.for([
    ["whole", ['{"Width":132,"Height":43}\n']],
    ["cut over two messages", ['{"Width":1', '32,"Height":43}']],
    ["twice in one message", ['{"Width":1,"Height":1}{"Width":132,"Height":43}']],
    ["with keys in small letters and others beside them", ['{"width":132,"height":43,"extra":1}']],
    ["behind garbage", ["garbage}", '{"Width":132,"Height":43}']],
    [
      "before sizes that are none",
      [
        '{"Width":132,"Height":43}',
        '{"Width":0,"Height":0}',
        '{"Width":70000,"Height":1}',
        '{"Width":-1,"Height":5}',
        '{"Width":10.5,"Height":5}',
        '{"Width":"10","Height":5}',
        '{"Width":10}',
      ],
    ],
  ] as const)("takes a size that comes %s", async ([, messages]) => {
    expect(await sizeAfter(messages)).toBe("43 132");
  });

  test("has both outputs on channel 1, and TERM", async () => {
    const session = await exec("tty >/dev/null && echo $TERM; echo err >&2", "ioet");
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe("xterm\r\nerr\r\n");
    expect(session.bytes(2)).toHaveLength(0);
    expect(hexOf(session).at(-1)).toBe(success);
  });

  test("tells exit codes and signals", async () => {
    for (const [script, code] of [
      ["exit 7", "7"],
      ["kill -KILL $$", "137"],
    ] as const) {
      const session = await exec(script, "ot");
      await session.closed;
      expect(JSON.parse(session.text(3)).details.causes).toEqual([{ reason: "ExitCode", message: code }]);
    }
  });

  test("brings much output complete, the last line too", async () => {
    for (let round = 0; round < 3; round++) {
      const session = await exec("stty -opost; head -c 1000000 /dev/zero | tr '\\0' x; echo end", "ot");
      await session.closed;
      expect(session.bytes(1)).toHaveLength(1_000_004);
    }
  });

  test("keeps the end of its output for a client that is slow to read it", async () => {
    const session = await exec("stty -opost; head -c 20000000 /dev/zero | tr '\\0' x; echo end", "ot");
    session.socket.pause();
    await expectIdle(session);
    session.socket.resume();
    await session.closed;
    expect(session.bytes(1)).toHaveLength(20_000_004);
    expect(hexOf(session).at(-1)).toBe(success);
  });

  test("is cut off by the end of input, and its command runs on", async () => {
    const lifeline = await createLifeline();
    const script = `echo up; read -r line; echo "$line"; echo on >${lifeline.path}; exit 4`;
    const session = await exec(script, "iot");
    await session.until(({ text }) => text(1) === "up\r\n");
    session.send("ff 00");
    session.send("00 68690a");
    expect(await lifeline.held).toBe("on");
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe("up\r\n");
    expect(JSON.parse(session.text(3)).details.causes).toEqual([{ reason: "ExitCode", message: "4" }]);
    await lifeline.remove();
  });

  test("without stdin loses its output over v4, and not over v5", async () => {
    const old = await exec("echo out", "ot", v4);
    await old.closed;
    expect(hexOf(old)).toEqual(["01", success]);
    const current = await exec("echo out", "ot");
    await current.closed;
    expect(current.text(1)).toBe("out\r\n");
  });

  test("takes sizes until its very end", async () => {
    for (let round = 0; round < 10; round++) {
      const session = await exec("true", "iot");
      let open = true;
      void session.closed.then(() => {
        open = false;
      });
      while (open) {
        session.send(Buffer.from('\x04{"Width":80,"Height":24}'));
        await new Promise(setImmediate);
      }
      expect(hexOf(session).at(-1)).toBe(success);
    }
  });

  test("a size without a terminal means nothing", async () => {
    const session = await exec("cat", "io");
    for (let more = 0; more < 3; more++) session.send(Buffer.from('\x04{"Width":80,"Height":24}'));
    session.send("00 6869");
    session.send("ff 00");
    await session.closed;
    expect(session.text(1)).toBe("hi");
  });
});

/** Resolves when what the client sends, or reads, has come to a stop: nothing moves over many exchanges. */
async function expectIdle(session: RawSession): Promise<void> {
  let before = "";
  for (let still = 0; still < 30; ) {
    await requests.send("GET", "/version");
    const now = `${session.socket.bufferedAmount} ${session.messages.length}`;
    still = now === before ? still + 1 : 0;
    before = now;
  }
}

describe("back-pressure", () => {
  test.for(["io", "iot"])("a program that does not read stops the client, with %s", async (streams) => {
    const script = `${streams.includes("t") ? "stty raw -echo; " : ""}echo up; while [ ! -e go ]; do sleep 0.05; done; rm go; head -c 16777216 | sha256sum`;
    const session = await exec(script, streams);
    await session.until(({ text }) => text(1).includes("up"));
    const before = process.memoryUsage.rss();
    // 16 MiB in all; what the server and the system take is far less.
    for (let sent = 0; sent < 512; sent++)
      session.send(Buffer.concat([Buffer.of(0), Buffer.alloc(32_768, "z")]));
    await expectIdle(session);
    expect(session.socket.bufferedAmount).toBeGreaterThan(4_194_304);
    // The client's own copies, and little else.
    expect(process.memoryUsage.rss() - before).toBeLessThan(80 * 1_048_576);
    await (await exec("touch go")).closed;
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toContain("7113391b76d3603ae3d884e787f67eff94100848f0343d5743b051ff9bfb9078");
  });

  test("a client that does not read stops the program, and loses nothing of it", async () => {
    const lifeline = await createLifeline();
    const script = `head -c 50000000 /dev/zero; echo written >${lifeline.path}; exit 3`;
    const session = await exec(script, "o");
    session.socket.pause();
    await expectIdle(session);
    const written: string[] = [];
    void lifeline.held.then((line) => written.push(line));
    await requests.send("GET", "/version");
    expect(written).toEqual([]);
    session.socket.resume();
    expect(await session.closed).toBe(1000);
    expect(session.bytes(1)).toHaveLength(50_000_000);
    expect(session.text(3)).toContain('"message":"3"');
    await lifeline.remove();
  });

  test("what one stream holds back does not disturb the other's order", async () => {
    const session = await exec(
      "for i in 1 2 3; do head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; done",
    );
    await session.closed;
    expect([session.bytes(1).length, session.bytes(2).length]).toEqual([9_000_000, 9_000_000]);
  });
});

describe("behind the Close of the server", () => {
  /** A client that reads the session of `true` to the end of the connection, and does not end it itself. */
  async function readToEnd(): Promise<Socket> {
    const socket = connect({
      port: Number(new URL(server.url).port),
      host: "127.0.0.1",
      allowHalfOpen: true,
    });
    socket.write(upgradeRequest(server, "web/exec?command=true&stdout=true"));
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    await once(socket, "end");
    expect(Buffer.concat(chunks).subarray(-4).toString("hex")).toBe("880203e8");
    return socket;
  }

  test("its end of the connection comes at once, and what the client still sends is read for about two seconds", async () => {
    const socket = await readToEnd();
    const started = performance.now();
    const broken = once(socket, "error");
    // Bytes are taken by the system until it knows that nobody reads them.
    const write = (error?: Error | null): void => {
      if (!error) setImmediate(() => socket.write("a", write));
    };
    write();
    const [error] = await broken;
    expect(String(error?.code)).toMatch(/ECONNRESET|EPIPE/);
    expect(performance.now() - started).toBeGreaterThan(1_500);
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  test("the answer of the client ends it all", async () => {
    const socket = await readToEnd();
    const started = performance.now();
    socket.end(frame(8, Buffer.from("03e8", "hex")));
    await once(socket, "close");
    expect(performance.now() - started).toBeLessThan(1_500);
  });
});
