import { once } from "node:events";
import { type ContainerProgram, createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ContainerSpec } from "../src/pods/pod.ts";
import { createRequests, type Requests, shell } from "./requests.ts";
import { openSession, type RawSession, v4, v5 } from "./sessions.ts";

let server: DevServer;
let requests: Requests;
/** Writes to the outputs of the container of the image `speaker`. */
let speak: (channel: "stdout" | "stderr", data: string | Uint8Array) => Promise<void>;
let hush: (code: number) => void;
let written = 0;

const speaker: ContainerProgram = ({ stdout, stderr }) => {
  speak = (channel, data) => (channel === "stdout" ? stdout : stderr).write(data);
  return new Promise((resolve) => {
    hush = resolve;
  });
};

/** Writes 64 KiB again and again, and counts them. */
const flood: ContainerProgram = async ({ stdout, signal }) => {
  const chunk = Buffer.alloc(65_536, "x");
  for (written = 0; !signal.aborted; written += chunk.byteLength) {
    await stdout.write(chunk);
    await new Promise(setImmediate);
  }
};

beforeAll(async () => {
  server = await createDevServer({ images: { speaker, flood } });
  requests = createRequests(server);
});

afterAll(() => server.close());

let count = 0;

async function run(container: Partial<ContainerSpec>): Promise<string> {
  const name = `pod-${++count}`;
  await requests.run(name, container);
  return name;
}

const echo = shell('while IFS= read -r line; do echo "[$line]"; done; echo "end of input"; exit 3');

function attach(name: string, streams = "oe", protocol: string = v5): Promise<RawSession> {
  const names: Record<string, string> = { i: "stdin", o: "stdout", e: "stderr", t: "tty" };
  const query = [...streams].map((letter) => `${names[letter]}=true`).join("&");
  return openSession(server, `${name}/attach?${query}`, [protocol]);
}

const said = (text: string) => Buffer.from(`\0${text}`);
const success = '{"metadata":{},"status":"Success"}';

async function expectAlive(session: RawSession): Promise<void> {
  session.socket.ping();
  await once(session.socket, "pong");
}

describe.each([v5, v4])("over %s", (protocol) => {
  test("brings both outputs from now on, and Success and Close 1000 at the end, whatever the exit code", async () => {
    const name = await run({ image: "speaker" });
    await speak("stdout", "before anybody listens");
    const session = await attach(name, "oe", protocol);
    await speak("stdout", "out");
    await speak("stderr", "err");
    await session.until(({ text }) => text(1) === "out" && text(2) === "err");
    hush(9);
    expect(await session.closed).toBe(1000);
    expect(session.messages[0]).toEqual(Buffer.from("01", "hex"));
    expect(session.messages.at(-1)).toEqual(Buffer.from(`\x03${success}`));
    const pod = await requests.until(name, ({ status }) => status.phase === "Failed");
    expect(pod.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(9);
  });

  test("brings the last words of a container that is deleted", async () => {
    const name = await run(shell("trap 'echo bye; exit 0' TERM; while :; do echo up; sleep 0.05; done"));
    const session = await attach(name, "o", protocol);
    await session.until(({ text }) => text(1).includes("up"));
    await requests.delete(name, "gracePeriodSeconds=20");
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toMatch(/bye\n$/);
    expect(session.text(3)).toBe(success);
  });

  test("tells all who are attached the same, and mixes what they say by messages", async () => {
    const name = await run({ ...echo, stdin: true });
    const sessions = await Promise.all(["io", "io", "io"].map((streams) => attach(name, streams, protocol)));
    for (const [index, session] of sessions.entries()) session.send(said(`from ${index}\n`));
    for (const session of sessions) await session.until(({ text }) => text(1).split("\n").length === 4);
    const [first, ...others] = sessions.map(({ text }) => text(1));
    expect(first?.trim().split("\n").sort()).toEqual(["[from 0]", "[from 1]", "[from 2]"]);
    expect(others).toEqual([first, first]);
    // One who leaves does not disturb the others.
    sessions[0]?.socket.terminate();
    sessions[1]?.send(said("still here\n"));
    await sessions[2]?.until(({ text }) => text(1).endsWith("[still here]\n"));
    await requests.delete(name);
  });

  test("what is said to a container without stdin vanishes", async () => {
    const name = await run({ image: "speaker" });
    const session = await attach(name, "io", protocol);
    for (let more = 0; more < 100; more++) session.send(Buffer.alloc(32_769));
    await expectAlive(session);
    await speak("stdout", "unmoved");
    await session.until(({ text }) => text(1) === "unmoved");
    hush(0);
    await session.closed;
  });

  test("with stdin alone lasts as long as the container's program", async () => {
    const name = await run({ ...shell("read -r line; exit 0"), stdin: true });
    const session = await attach(name, "i", protocol);
    expect(session.messages).toEqual([Buffer.from("03", "hex")].slice(0, session.messages.length));
    session.send(said("go\n"));
    expect(await session.closed).toBe(1000);
    expect(session.messages.map((one) => one.toString())).toEqual(["\x03", `\x03${success}`]);
  });
});

describe("the end of input over v5", () => {
  test.for([
    ["without stdinOnce", { stdin: true }, "io"],
    ["in a terminal", { stdin: true, tty: true }, "iot"],
    ["in a terminal with stdinOnce", { stdin: true, stdinOnce: true, tty: true }, "iot"],
  ] as const)(
    "%s is a detach; the container runs on and can be attached to again",
    async ([, switches, streams]) => {
      const name = await run({ ...echo, ...switches });
      const session = await attach(name, streams);
      session.send(said("one\n"));
      await session.until(({ text }) => text(1).includes("[one]"));
      session.send("ff 00");
      session.send(said("not any more\n"));
      expect(await session.closed).toBe(1000);
      expect(session.text(3)).toBe(success);
      const again = await attach(name, streams);
      again.send(said("two\n"));
      await again.until(({ text }) => text(1).includes("[two]"));
      expect(again.text(1)).not.toMatch(/one|not any more/);
      await requests.delete(name);
      expect(await again.closed).toBe(1000);
    },
  );

  test("with stdinOnce is the container's, whose output comes to its end", async () => {
    const name = await run({ ...echo, stdin: true, stdinOnce: true });
    const session = await attach(name, "io");
    session.send(said("one\n"));
    session.send("ff 00");
    session.send("ff 00");
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe("[one]\nend of input\n");
    expect(session.text(3)).toBe(success);
  });

  test("of one who did not ask for stdin means nothing", async () => {
    const name = await run({ ...echo, stdin: true });
    const session = await attach(name, "o");
    session.send("ff 00");
    await expectAlive(session);
    await requests.delete(name);
    await session.closed;
  });

  test("of a container without stdin means nothing", async () => {
    const name = await run({ image: "speaker" });
    const session = await attach(name, "io");
    session.send("ff 00");
    await expectAlive(session);
    await speak("stdout", "on");
    await session.until(({ text }) => text(1) === "on");
    hush(0);
  });
});

test("with stdinOnce, a client that is lost ends the container's input", async () => {
  const name = await run({ ...echo, stdin: true, stdinOnce: true });
  const watcher = await attach(name, "o");
  const session = await attach(name, "io");
  session.socket.terminate();
  expect(await watcher.closed).toBe(1000);
  expect(watcher.text(1)).toBe("end of input\n");
});

test("without stdinOnce, a client that is lost does not", async () => {
  const name = await run({ ...echo, stdin: true });
  const session = await attach(name, "io");
  await expectAlive(session);
  session.socket.terminate();
  const again = await attach(name, "io");
  again.send(said("hello\n"));
  await again.until(({ text }) => text(1) === "[hello]\n");
  await requests.delete(name);
});

describe("without stdin over v4, a runtime takes it for the end of input", () => {
  test("C39: of a container that has stdin it ends at once, without output", async () => {
    const name = await run({ ...shell("echo up; cat"), stdin: true });
    const session = await attach(name, "o", v4);
    expect(await session.closed).toBe(1000);
    expect(session.messages.map((one) => one.toString())).toEqual(["\x01", `\x03${success}`]);
    expect((await requests.get(name)).status.phase).toBe("Running");
    await requests.delete(name);
  });

  test("C40: of one with stdinOnce it ends the container's own input", async () => {
    const name = await run({ ...echo, stdin: true, stdinOnce: true });
    const session = await attach(name, "o", v4);
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe("end of input\n");
  });

  test("and a container without stdin is watched as over v5", async () => {
    const name = await run({ image: "speaker" });
    const session = await attach(name, "o", v4);
    await speak("stdout", "watched");
    await session.until(({ text }) => text(1) === "watched");
    hush(0);
    await session.closed;
  });
});

describe("a terminal", () => {
  test("is the container's: it has its size, for all who are attached", async () => {
    const name = await run({
      ...shell("stty -echo; while read -r line; do stty size; done"),
      stdin: true,
      tty: true,
    });
    const [one, other] = await Promise.all([attach(name, "iot"), attach(name, "iot")]);
    one.send(Buffer.from('\x04{"Width":111,"Height":33}'));
    one.send(said("\n"));
    await other.until(({ text }) => text(1).includes("33 111\r\n"));
    await requests.delete(name);
  });

  test("of a container without stdin gets no input", async () => {
    const name = await run({ ...shell("while sleep 0.05; do echo tick; done"), tty: true });
    const session = await attach(name, "iot");
    session.send(said("typed"));
    await session.until(({ text }) => text(1).split("tick").length > 4);
    expect(session.text(1)).not.toContain("typed");
    await requests.delete(name);
  });
});

describe("a slow client", () => {
  const moved = async (): Promise<number> => {
    const before = written;
    for (let exchanges = 0; exchanges < 20; exchanges++) await requests.send("GET", "/version");
    return written - before;
  };

  test("stops the container and everybody else, until it reads again or leaves", async () => {
    const name = await run({ image: "flood" });
    const [slow, fast] = await Promise.all([attach(name, "o"), attach(name, "o")]);
    await slow.until(({ messages }) => messages.length > 3);
    for (const way of ["resume", "terminate"] as const) {
      slow.socket.pause();
      while ((await moved()) > 0) expect(written).toBeLessThan(200 * 1_048_576);
      const got = fast.messages.length;
      slow.socket[way]();
      await fast.until(({ messages }) => messages.length > got + 100);
    }
    await requests.delete(name);
    expect(await fast.closed).toBe(1000);
  });

  test("gets all of it once it reads again", async () => {
    const name = await run({
      ...shell("read -r go; head -c 30000000 /dev/zero"),
      stdin: true,
      stdinOnce: true,
    });
    const slow = await attach(name, "io");
    slow.send(said("go\n"));
    slow.socket.pause();
    for (let exchanges = 0; exchanges < 50; exchanges++) await requests.send("GET", "/version");
    slow.socket.resume();
    expect(await slow.closed).toBe(1000);
    expect(slow.bytes(1)).toHaveLength(30_000_000);
    expect(slow.text(3)).toBe(success);
  });

  test("holds up nobody once it has left by the end of its input", async () => {
    const name = await run({ image: "flood", stdin: true });
    const [slow, fast] = await Promise.all([attach(name, "io"), attach(name, "o")]);
    slow.socket.pause();
    while ((await moved()) > 0) expect(written).toBeLessThan(200 * 1_048_576);
    const got = fast.messages.length;
    slow.send("ff 00");
    await fast.until(({ messages }) => messages.length > got + 100);
    await requests.delete(name);
    slow.socket.terminate();
  });
});

test("a program that does not read its input stops the client, and everything that client says", async () => {
  const name = await run({ ...shell("sleep 1000"), stdin: true });
  const session = await attach(name, "io");
  for (let sent = 0; sent < 512; sent++) session.send(Buffer.alloc(32_769));
  let before = -1;
  while (session.socket.bufferedAmount !== before) {
    before = session.socket.bufferedAmount;
    for (let exchanges = 0; exchanges < 20; exchanges++) await requests.send("GET", "/version");
  }
  expect(before).toBeGreaterThan(4_194_304);
  // Another client is not disturbed, and the end of the container ends it all.
  await expectAlive(await attach(name, "o"));
  await requests.delete(name);
  session.socket.terminate();
});

test("a container that restarts ends the session; the next one meets the new instance", async () => {
  const name = "restarting";
  await requests.run(
    name,
    { ...shell("read -r line; echo $line; exit 1"), stdin: true },
    { restartPolicy: "Always" },
  );
  const session = await attach(name, "io");
  session.send(said("first\n"));
  expect(await session.closed).toBe(1000);
  expect(session.text(1)).toBe("first\n");
  await requests.until(name, ({ status }) => {
    const [container] = status.containerStatuses ?? [];
    return container?.restartCount === 1 && container.state.running !== undefined;
  });
  const next = await attach(name, "io");
  next.send(said("second\n"));
  await next.closed;
  expect(next.text(1)).toBe("second\n");
  await requests.delete(name);
});
