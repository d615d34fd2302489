import { once } from "node:events";
import type { ContainerContext, ContainerProgram } from "@podwire/devserver";
import { beforeEach, describe, expect, test } from "vitest";
import type { ContainerSpec, Pod } from "../src/pods/pod.ts";
import { serve } from "./serve.ts";
import { openSession, type RawSession, v4, v5 } from "./sessions.ts";

/** What the image `test` does, by the name of its Pod, or of the exec. */
let programs: Map<string, ContainerProgram>;

const byName: ContainerProgram = (context) => {
  const name = context.exec ? context.args[0] : context.env["HOSTNAME"];
  return programs.get(name ?? "")?.(context) ?? 0;
};

const served = serve("script", { images: { test: byName } });

beforeEach(() => {
  programs = new Map();
});

/** Runs a function as a container. */
async function run(program: ContainerProgram, container: Partial<ContainerSpec> = {}): Promise<string> {
  const name = served.newName();
  programs.set(name, program);
  await served.requests.create(name, { image: "test", ...container });
  return name;
}

const started = (name: string): Promise<Pod> =>
  served.requests.until(name, ({ status }) => status.phase !== "Pending");

async function exitOf(name: string) {
  const pod = await served.requests.until(name, ({ status }) => /Succeeded|Failed/.test(status.phase));
  return pod.status.containerStatuses?.[0]?.state.terminated;
}

/** Runs a function as an exec, beside a container that idles. */
async function exec(program: ContainerProgram, query: string, protocol = v5): Promise<RawSession> {
  const name = await run(idle);
  await started(name);
  programs.set("exec", program);
  return openSession(served.server, `${name}/exec?command=exec&command=a+b&${query}`, [protocol]);
}

const idle: ContainerProgram = async ({ signal }) => {
  if (!signal.aborted) await once(signal, "abort");
};

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

  test("is told by its signal that it has to end, and is 143 unless it says otherwise", async () => {
    for (const [program, exitCode] of [
      [idle, 143],
      [(context: ContainerContext) => Promise.resolve(idle(context)).then(() => 7), 7],
      [
        async ({ signal }: ContainerContext) => {
          if (!signal.aborted) await once(signal, "abort");
          signal.throwIfAborted();
          return 0;
        },
        143,
      ],
    ] as const) {
      const name = await run(program);
      const { metadata } = await started(name);
      await served.requests.delete(name, "gracePeriodSeconds=20");
      const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`;
      for await (const { type, object } of served.requests.watch(query)) {
        if (type !== "DELETED") continue;
        expect(object.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(exitCode);
        break;
      }
    }
  });

  test("that does not heed its signal is given up after the grace period, with 137", async () => {
    const name = await run(() => new Promise(() => undefined));
    const { metadata } = await started(name);
    const session = await openSession(served.server, `${name}/attach?stdout=true`);
    const begun = performance.now();
    await served.requests.delete(name, "gracePeriodSeconds=1");
    const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`;
    for await (const { type, object } of served.requests.watch(query)) {
      if (type !== "DELETED") continue;
      expect(object.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(137);
      break;
    }
    expect(performance.now() - begun).toBeGreaterThan(950);
    expect(await session.closed).toBe(1000);
  });

  test("that writes after its end is not heard, and does no harm", async () => {
    let late: Promise<void> | undefined;
    const name = await run(({ stdout, signal }) => {
      signal.addEventListener("abort", () => {
        setImmediate(() => {
          late = stdout.write("late");
        });
      });
      return new Promise(() => undefined);
    });
    await started(name);
    await served.requests.delete(name);
    await new Promise(setImmediate);
    await late;
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
