import { once } from "node:events";
import type { ContainerContext, ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { serveScripts } from "./scripted.ts";
import { openSession, v4 } from "./sessions.ts";

const { served, run, started, exitOf, exec } = serveScripts();

describe("a function", () => {
  test("gets the container's command and args, its variables, and that it is no exec", async () => {
    let got: ContainerContext | undefined;
    const name = await run(
      (context) => {
        got = context;
        return 0;
      },
      { command: ["serve", "$(COLOR)"], args: ["--fast"], env: [{ name: "COLOR", value: "red" }] },
    );
    await exitOf(name);
    expect(got).toMatchObject({ args: ["serve", "red", "--fast"], exec: false, tty: false });
    expect(got?.env).toEqual({
      COLOR: "red",
      HOSTNAME: name,
      HOME: expect.any(String),
      PATH: expect.any(String),
    });
  });

  test("gets an exec's own command, and the container's variables", async () => {
    const session = await exec(async ({ args, env, exec, stdout }) => {
      await stdout.write(JSON.stringify([args, exec, env["HOSTNAME"]]));
      return 4;
    }, "stdout=true");
    expect(await session.closed).toBe(1000);
    expect(JSON.parse(session.text(1))).toEqual([
      ["exec", "a b"],
      true,
      expect.stringMatching(/^script-\d+$/),
    ]);
    expect(session.text(3)).toContain('{"reason":"ExitCode","message":"4"}');
  });

  test.for([
    ["nothing", (): undefined => undefined, 0, "Completed"],
    ["a promise of nothing", async (): Promise<undefined> => undefined, 0, "Completed"],
    ["0", (): number => 0, 0, "Completed"],
    ["255", async (): Promise<number> => 255, 255, "Error"],
  ] as const)("that answers %s ends with %i", async ([, program, exitCode, reason]) => {
    expect(await exitOf(await run(program))).toMatchObject({ exitCode, reason });
  });

  test("that throws ends with 1 and says why on stderr", async () => {
    const failing: ContainerProgram[] = [
      () => {
        throw new Error("at once");
      },
      async () => {
        await Promise.resolve();
        throw new Error("later");
      },
    ];
    for (const program of failing) {
      const session = await exec(program, "stdout=true&stderr=true");
      await session.closed;
      expect(session.text(1)).toBe("");
      expect(session.text(2)).toMatch(/^Error: (at once|later)\n +at .*scripted\.test\.ts/);
      expect(session.text(3)).toContain('{"reason":"ExitCode","message":"1"}');
    }
  });

  test.for([256, -1, 1.5, Number.NaN])("that answers %d, which is no exit code, has failed", async (code) => {
    const session = await exec(() => code, "stderr=true");
    await session.closed;
    expect(session.text(2)).toContain(`RangeError: an exit code is an integer from 0 to 255, not ${code}`);
    expect(session.text(3)).toContain('{"reason":"ExitCode","message":"1"}');
  });

  test("reads stdin as it comes, to the client's end", async () => {
    const session = await exec(async ({ stdin, stdout }) => {
      for await (const bytes of stdin) await stdout.write(Buffer.from(bytes).toString().toUpperCase());
      await stdout.write("end");
    }, "stdin=true&stdout=true");
    session.send("00 61");
    await session.until(({ text }) => text(1) === "A");
    session.send("00 62");
    session.send("ff 00");
    await session.closed;
    expect(session.text(1)).toBe("ABend");
  });

  test("has an empty stdin when none was asked for", async () => {
    const read: ContainerProgram = async ({ stdin }) => {
      for await (const _ of stdin) return 9;
      return 3;
    };
    expect((await exitOf(await run(read)))?.exitCode).toBe(3);
  });

  test("that stops reading stdin is not disturbed by what still comes", async () => {
    const session = await exec(async ({ stdin, stdout, signal }) => {
      for await (const _ of stdin) break;
      await stdout.write("enough");
      if (!signal.aborted) await once(signal, "abort");
    }, "stdin=true&stdout=true");
    session.send("00 61");
    await session.until(({ text }) => text(1) === "enough");
    for (let more = 0; more < 100; more++) session.send(Buffer.alloc(32_769));
    session.send("ff 00");
    session.socket.ping();
    await once(session.socket, "pong");
  });

  test("keeps stdout and stderr apart, and in a terminal together", async () => {
    const speak: ContainerProgram = async ({ stdout, stderr, tty }) => {
      await stdout.write(`out ${tty} `);
      await stderr.write(Buffer.from("err"));
    };
    const plain = await exec(speak, "stdout=true&stderr=true");
    await plain.closed;
    expect([plain.text(1), plain.text(2)]).toEqual(["out false ", "err"]);
    const terminal = await exec(speak, "stdout=true&tty=true");
    await terminal.closed;
    expect([terminal.text(1), terminal.text(2)]).toEqual(["out true err", ""]);
  });

  test("may use a buffer again as soon as its write has resolved", async () => {
    const session = await exec(async ({ stdout }) => {
      const buffer = Buffer.alloc(1_000);
      for (let letter = 97; letter < 123; letter++) {
        buffer.fill(letter);
        await stdout.write(buffer);
      }
    }, "stdout=true");
    await session.closed;
    const text = session.text(1);
    expect(text).toHaveLength(26_000);
    expect(new Set([...text.matchAll(/(.)\1{999}/g)].map(([, letter]) => letter)).size).toBe(26);
  });

  test("waits in write while nobody reads", async () => {
    let written = 0;
    const flooding = await run(
      async ({ stdout, stdin, signal }) => {
        for await (const _ of stdin) break;
        const chunk = Buffer.alloc(65_536);
        while (!signal.aborted) {
          await stdout.write(chunk);
          written += chunk.byteLength;
        }
      },
      { stdin: true },
    );
    await started(flooding);
    const session = await openSession(served.server, `${flooding}/attach?stdin=true&stdout=true`);
    session.send("00 0a");
    await session.until(({ messages }) => messages.length > 1);
    session.socket.pause();
    let before = -1;
    // Once all buffers are full, nothing moves from one exchange to the next.
    for (let still = 0; still < 20; ) {
      await served.requests.send("GET", "/version");
      still = written === before ? still + 1 : 0;
      before = written;
    }
    expect(written).toBeLessThan(32 * 1_048_576);
    session.socket.resume();
    await session.until(({ messages }) => messages.length > 600);
    expect(written).toBeGreaterThan(before);
    await served.requests.delete(flooding);
  });

  test("keeps nobody waiting by writing without end", async () => {
    const flooding = await run(async ({ stdout, signal }) => {
      while (!signal.aborted) await stdout.write("y\n");
      return 5;
    });
    await started(flooding);
    await served.requests.delete(flooding);
    const left = await exec(async ({ stdout, signal }) => {
      while (!signal.aborted) await stdout.write("y\n");
      return 5;
    }, "stdout=true");
    await left.until(({ messages }) => messages.length > 1);
    left.socket.terminate();
    expect((await served.requests.send("GET", "/version")).status).toBe(200);
  });

  test("is attached to like any other container, over v4 too", async () => {
    const name = await run(
      async ({ stdin, stdout }) => {
        for await (const bytes of stdin) await stdout.write(bytes);
      },
      { stdin: true, stdinOnce: true },
    );
    await started(name);
    const session = await openSession(served.server, `${name}/attach?stdin=true&stdout=true`, [v4]);
    session.send("00 68 69");
    await session.until(({ text }) => text(1) === "hi");
    session.socket.close();
    await exitOf(name);
  });
});
