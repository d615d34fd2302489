import type { ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { expectAlive, openSession, type RawSession, statusOver, streamsQuery, v4, v5 } from "./sessions.ts";

/** Writes to the outputs of the container of the image `speaker`. */
let speak: (channel: "stdout" | "stderr", data: string | Uint8Array) => Promise<void>;
let hush: (code: number) => void;

const speaker: ContainerProgram = ({ stdout, stderr }) => {
  speak = (channel, data) => (channel === "stdout" ? stdout : stderr).write(data);
  return new Promise((resolve) => {
    hush = resolve;
  });
};

const served = serve("pod", { images: { speaker } });

const echo = shell('while IFS= read -r line; do echo "[$line]"; done; echo "end of input"; exit 3');

function attach(name: string, streams = "oe", protocol: string = v5): Promise<RawSession> {
  return openSession(served.server, `${name}/attach?${streamsQuery(streams)}`, [protocol]);
}

const said = (text: string) => Buffer.from(`\0${text}`);
const successOver = (protocol: string): string => statusOver(protocol, '"status":"Success"');
const success = successOver(v5);

describe.each([v5, v4])("over %s", (protocol) => {
  test("C35: brings both outputs from now on, and Success and Close 1000 at the end, whatever the exit code", async () => {
    const name = await served.run({ image: "speaker" });
    await speak("stdout", "before anybody listens");
    const session = await attach(name, "oe", protocol);
    await speak("stdout", "out");
    await speak("stderr", "err");
    await session.until(({ text }) => text(1) === "out" && text(2) === "err");
    hush(9);
    expect(await session.closed).toBe(1000);
    expect(session.messages[0]).toEqual(Buffer.from("01", "hex"));
    expect(session.messages.at(-1)).toEqual(Buffer.from(`\x03${successOver(protocol)}`));
    const pod = await served.requests.until(name, ({ status }) => status.phase === "Failed");
    expect(pod.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(9);
  });

  test("C36: tells of a container that is killed the same Success", async () => {
    const name = await served.run({ ...shell("read -r line; kill -KILL $$"), stdin: true });
    const session = await attach(name, "io", protocol);
    session.send(said("go\n"));
    expect(await session.closed).toBe(1000);
    expect(session.text(3)).toBe(successOver(protocol));
    const pod = await served.requests.until(name, ({ status }) => status.phase === "Failed");
    expect(pod.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(137);
  });

  test("brings the last words of a container that is deleted", async () => {
    const name = await served.run(
      shell("trap 'echo bye; exit 0' TERM; while :; do echo up; sleep 0.05; done"),
    );
    const session = await attach(name, "o", protocol);
    await session.until(({ text }) => text(1).includes("up"));
    await served.requests.delete(name, "gracePeriodSeconds=20");
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toMatch(/bye\n$/);
    expect(session.text(3)).toBe(successOver(protocol));
  });

  test("tells all who are attached the same, and mixes what they say by messages", async () => {
    const name = await served.run({ ...echo, stdin: true });
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
    await served.requests.delete(name);
  });

  test("what is said to a container without stdin vanishes", async () => {
    const name = await served.run({ image: "speaker" });
    const session = await attach(name, "io", protocol);
    for (let more = 0; more < 100; more++) session.send(Buffer.alloc(32_769));
    await expectAlive(session);
    await speak("stdout", "unmoved");
    await session.until(({ text }) => text(1) === "unmoved");
    hush(0);
    await session.closed;
  });

  test("with stdin alone lasts as long as the container's program", async () => {
    const name = await served.run({ ...shell("read -r line; exit 0"), stdin: true });
    const session = await attach(name, "i", protocol);
    expect(session.messages).toEqual([Buffer.from("03", "hex")].slice(0, session.messages.length));
    session.send(said("go\n"));
    expect(await session.closed).toBe(1000);
    expect(session.messages.map((one) => one.toString())).toEqual(["\x03", `\x03${successOver(protocol)}`]);
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
      const name = await served.run({ ...echo, ...switches });
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
      await served.requests.delete(name);
      expect(await again.closed).toBe(1000);
    },
  );

  test("with stdinOnce is the container's, whose output comes to its end", async () => {
    const name = await served.run({ ...echo, stdin: true, stdinOnce: true });
    const session = await attach(name, "io");
    session.send(said("one\n"));
    session.send("ff 00");
    session.send("ff 00");
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe("[one]\nend of input\n");
    expect(session.text(3)).toBe(success);
  });

  test("of one who did not ask for stdin means nothing", async () => {
    const name = await served.run({ ...echo, stdin: true });
    const session = await attach(name, "o");
    session.send("ff 00");
    await expectAlive(session);
    await served.requests.delete(name);
    await session.closed;
  });

  test("of a container without stdin means nothing", async () => {
    const name = await served.run({ image: "speaker" });
    const session = await attach(name, "io");
    session.send("ff 00");
    await expectAlive(session);
    await speak("stdout", "on");
    await session.until(({ text }) => text(1) === "on");
    hush(0);
  });
});

test("with stdinOnce, a client that is lost ends the container's input", async () => {
  const name = await served.run({ ...echo, stdin: true, stdinOnce: true });
  const watcher = await attach(name, "o");
  const session = await attach(name, "io");
  session.socket.terminate();
  expect(await watcher.closed).toBe(1000);
  expect(watcher.text(1)).toBe("end of input\n");
});

test("without stdinOnce, a client that is lost does not", async () => {
  const name = await served.run({ ...echo, stdin: true });
  const session = await attach(name, "io");
  await expectAlive(session);
  session.socket.terminate();
  const again = await attach(name, "io");
  again.send(said("hello\n"));
  await again.until(({ text }) => text(1) === "[hello]\n");
  await served.requests.delete(name);
});

describe("without stdin over v4, a runtime takes it for the end of input", () => {
  test("C39: of a container that has stdin it ends at once, without output", async () => {
    const name = await served.run({ ...shell("echo up; cat"), stdin: true });
    const session = await attach(name, "o", v4);
    expect(await session.closed).toBe(1000);
    expect(session.messages.map((one) => one.toString())).toEqual(["\x01", `\x03${successOver(v4)}`]);
    expect((await served.requests.get(name)).status.phase).toBe("Running");
    await served.requests.delete(name);
  });

  test("C40: of one with stdinOnce it ends the container's own input", async () => {
    const name = await served.run({ ...echo, stdin: true, stdinOnce: true });
    const session = await attach(name, "o", v4);
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toBe("end of input\n");
  });

  test("and a container without stdin is watched as over v5", async () => {
    const name = await served.run({ image: "speaker" });
    const session = await attach(name, "o", v4);
    await speak("stdout", "watched");
    await session.until(({ text }) => text(1) === "watched");
    hush(0);
    await session.closed;
  });
});

describe("a terminal", () => {
  test("is the container's: it has its size, for all who are attached", async () => {
    const name = await served.run({
      ...shell("stty -echo; while read -r line; do stty size; done"),
      stdin: true,
      tty: true,
    });
    const [one, other] = await Promise.all([attach(name, "iot"), attach(name, "iot")]);
    one.send(Buffer.from('\x04{"Width":111,"Height":33}'));
    one.send(said("\n"));
    await other.until(({ text }) => text(1).includes("33 111\r\n"));
    await served.requests.delete(name);
  });

  test("of a container without stdin gets no input", async () => {
    const name = await served.run({ ...shell("while sleep 0.05; do echo tick; done"), tty: true });
    const session = await attach(name, "iot");
    session.send(said("typed"));
    await session.until(({ text }) => text(1).split("tick").length > 4);
    expect(session.text(1)).not.toContain("typed");
    await served.requests.delete(name);
  });
});

test("a container that restarts ends the session; the next one meets the new instance", async () => {
  const name = "restarting";
  await served.requests.run(
    name,
    { ...shell("read -r line; echo $line; exit 1"), stdin: true },
    { restartPolicy: "Always" },
  );
  const session = await attach(name, "io");
  session.send(said("first\n"));
  expect(await session.closed).toBe(1000);
  expect(session.text(1)).toBe("first\n");
  await served.requests.until(name, ({ status }) => {
    const [container] = status.containerStatuses ?? [];
    return container?.restartCount === 1 && container.state.running !== undefined;
  });
  const next = await attach(name, "io");
  next.send(said("second\n"));
  await next.closed;
  expect(next.text(1)).toBe("second\n");
  await served.requests.delete(name);
});
