import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hexOf, success, successOver } from "./exec.ts";
import { createLifeline } from "./lifeline.ts";
import { runWeb, serve } from "./serve.ts";
import {
  connectHalfOpen,
  expectAlive,
  frame,
  openSession,
  openShell,
  statusOver,
  upgradeRequest,
  v4,
  v5,
  writeUntilBroken,
} from "./sessions.ts";
import { devServerUpgrade } from "./upgraded.ts";

const served = serve("exec", {}, runWeb);
const exec = (script: string, streams?: string, protocol?: string) =>
  openShell(served.server, script, streams, protocol);

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
    expect(hexOf(session)).toEqual([opening, successOver(protocol)]);
  });

  test("brings output, then the status as one last message, then Close 1000", async () => {
    const session = await exec("echo out; echo err >&2", "oe", protocol);
    expect(await session.closed).toBe(1000);
    const [opening, ...rest] = hexOf(session);
    expect(opening).toBe("01");
    expect(rest.slice(0, 2).sort()).toEqual(["016f75740a", "026572720a"]);
    expect(rest.slice(2)).toEqual([successOver(protocol)]);
  });

  test.for([
    // C32
    ["exit 3", "3"],
    ["exit 255", "255"],
    // C33
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
      statusOver(
        protocol,
        `"status":"Failure","message":"command terminated with non-zero exit code: ${said}","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"${code}"}]}`,
      ),
    );
  });

  test("C34: a program that is not there, or none, is an InternalError without exit code", async () => {
    for (const [query, why] of [
      ["command=no-such-program&command=x", 'exec: "no-such-program": executable file not found in $PATH'],
      ["", "args must not be empty"],
    ] as const) {
      const session = await openSession(served.server, `web/exec?${query}&stdout=true`, [protocol]);
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
        ...(protocol === v5 && {
          metadata: {},
          details: { causes: [{ message: message.replace("Internal error occurred: ", "") }] },
        }),
        status: "Failure",
        reason: "InternalError",
        code: 500,
      });
    }
  });

  test("sends only what was asked for", async () => {
    const session = await exec("echo out; echo err >&2", "e", protocol);
    await session.closed;
    expect(hexOf(session)).toEqual(["02", "026572720a", successOver(protocol)]);
  });

  test("C38: waits for the background child that holds the output", async () => {
    const session = await exec("exec 3<&0; (read -r go <&3; echo late) & echo done", "io", protocol);
    await session.until(({ text }) => text(1) === "done\n");
    session.send("00 0a");
    await session.closed;
    expect(session.text(1)).toBe("done\nlate\n");
    expect(hexOf(session).at(-1)).toBe(successOver(protocol));
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

  test("C44: neither does a reset of the connection end the command", async () => {
    const lifeline = await createLifeline();
    const script = encodeURIComponent(`cat >/dev/null; echo "read to its end" >${lifeline.path}`);
    const { socket } = await devServerUpgrade(() => served.server, "web")(
      `exec?command=sh&command=-c&command=${script}&stdin=true&stdout=true`,
      { "Sec-WebSocket-Protocol": protocol },
    );
    socket.resetAndDestroy();
    expect(await lifeline.held).toBe("read to its end");
    await lifeline.released;
    await lifeline.remove();
  });

  test("brings much output complete, in messages of at most 32 KiB and the channel", async () => {
    const session = await exec("head -c 10000000 /dev/zero | tr '\\0' x", "o", protocol);
    expect(await session.closed).toBe(1000);
    const sizes = session.messages.map(({ byteLength }) => byteLength);
    expect(Math.max(...sizes)).toBe(32_769);
    expect(session.bytes(1).equals(Buffer.alloc(10_000_000, "x"))).toBe(true);
    expect(hexOf(session).at(-1)).toBe(successOver(protocol));
  });
});

test("C26, C27: a message of 32 MiB is taken, and one byte more ends the session", async () => {
  const session = await exec("head -c 33554431 | wc -c; cat >/dev/null", "io");
  session.send(Buffer.alloc(33_554_432));
  await session.until(({ text }) => text(1).trim() === "33554431");
  session.send(Buffer.alloc(33_554_433));
  await session.closed;
  expect(session.text(3)).toBe("");
});

describe("the end of input", () => {
  test("C10, C11: is ff 00 over v5, once; what comes behind it is dropped", async () => {
    const session = await exec("wc -c; read -r more || echo none", "io");
    session.send("00 31 32 33");
    session.send("ff 00");
    session.send("ff 00");
    session.send("00 34 35");
    expect(await session.closed).toBe(1000);
    expect(session.text(1).replaceAll(" ", "")).toBe("3\nnone\n");
    expect(hexOf(session).at(-1)).toBe(success);
  });

  test.for(["cat >copied; true", "exec cat >copied"])(
    "C43: comes behind all of the input of %s, of which the file has every byte",
    async (script) => {
      const session = await exec(script, "io");
      for (let more = 0; more < 32; more++) session.send(Buffer.alloc(32_769));
      session.send("ff 00");
      expect(await session.closed).toBe(1000);
      expect(hexOf(session)).toEqual(["01", success]);
      expect((await served.exec("web", ["sh", "-c", "wc -c <copied"])).trim()).toBe("1048576");
    },
  );

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

describe("behind the Close of the server", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A client that reads the session of `true` to the end of the connection, and does not end it itself. */
  async function readToEnd(): Promise<Socket> {
    const socket = connectHalfOpen(served.server);
    socket.write(upgradeRequest(served.server, "web/exec?command=true&stdout=true"));
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    await once(socket, "end");
    expect(Buffer.concat(chunks).subarray(-4).toString("hex")).toBe("880203e8");
    return socket;
  }

  test("its end of the connection comes at once, and what the client still sends is read for about two seconds", async () => {
    const other = await exec("cat", "io");
    await other.until(({ messages }) => messages.length === 1);
    const socket = await readToEnd();
    await expectAlive(other);
    vi.advanceTimersByTime(1_999);
    // Were nobody there, the second write would fail: the system knows by the first.
    for (let written = 0; written < 2; written += 1) {
      await new Promise((resolve) => socket.write("a", resolve));
      await expectAlive(other);
    }
    expect(socket.errored).toBeNull();
    // And for 20 ms more, in which what had come by then is read.
    vi.advanceTimersByTime(20);
    await expectAlive(other);
    vi.advanceTimersByTime(1);
    expect(await writeUntilBroken(socket)).toMatch(/ECONNRESET|EPIPE/);
  });

  test("the answer of the client ends it all", async () => {
    const other = await exec("cat", "io");
    await other.until(({ messages }) => messages.length === 1);
    const before = vi.getTimerCount();
    const socket = await readToEnd();
    await expectAlive(other);
    expect(vi.getTimerCount()).toBe(before + 1);
    socket.end(frame(8, Buffer.from("03e8", "hex")));
    // Its time to leave is off.
    while (vi.getTimerCount() > before) await expectAlive(other);
  });
});
