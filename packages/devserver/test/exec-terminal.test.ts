import { describe, expect, test } from "vitest";
import { expectIdle, hexOf, success, successOver } from "./exec.ts";
import { createLifeline } from "./lifeline.ts";
import { runWeb, serve } from "./serve.ts";
import { openShell, v4, v5 } from "./sessions.ts";

const served = serve("exec", {}, runWeb);
const exec = (script: string, streams?: string, protocol?: string) =>
  openShell(served.server, script, streams, protocol);

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
    // C45
    ["whole", ['{"Width":132,"Height":43}\n']],
    // C47
    ["cut over two messages", ['{"Width":1', '32,"Height":43}']],
    ["twice in one message", ['{"Width":1,"Height":1}{"Width":132,"Height":43}']],
    // C46
    ["with keys in small letters and others beside them", ['{"width":132,"height":43,"extra":1}']],
    ["behind garbage", ["garbage}", '{"Width":132,"Height":43}']],
    // C50
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

  test("is not hung up while its program runs, which may close it before its end", async () => {
    const session = await exec("echo bye; exec <&- >&- 2>&-; sleep 0.3; exit 3", "iot");
    await session.closed;
    expect(session.text(1)).toBe("bye\r\n");
    expect(JSON.parse(session.text(3)).details.causes).toEqual([{ reason: "ExitCode", message: "3" }]);
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
    await expectIdle(served, session);
    session.socket.resume();
    await session.closed;
    expect(session.bytes(1)).toHaveLength(20_000_004);
    expect(hexOf(session).at(-1)).toBe(success);
  });

  test("C53: is cut off by the end of input, and its command runs on", async () => {
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
    expect(hexOf(old)).toEqual(["01", successOver(v4)]);
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

  test.for([v4, v5])("C51: a size without a terminal means nothing over %s", async (protocol) => {
    const session = await exec("head -c2", "io", protocol);
    for (let more = 0; more < 4; more++) session.send(Buffer.from('\x04{"Width":80,"Height":24}'));
    session.send("00 6869");
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe("hi");
  });
});
