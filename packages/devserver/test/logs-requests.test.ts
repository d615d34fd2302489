import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { ContainerSpec } from "../src/pods/pod.ts";
import { podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { openSession } from "./sessions.ts";

const served = serve("log");

const logOf = (name: string, query = "") => served.requests.send("GET", `${podsPath}/${name}/log?${query}`);

/** Runs a script to its end; the log is read then. */
async function ended(script: string, container: Partial<ContainerSpec> = {}): Promise<string> {
  const name = served.newName();
  await served.requests.create(name, { ...shell(script), ...container });
  await served.requests.until(name, ({ status }) => /Succeeded|Failed/.test(status.phase));
  return name;
}

describe("the log of a container that has ended", () => {
  test("is what it wrote, as plain text, without a newline that it did not write", async () => {
    const name = await ended("echo one; echo two; printf three; exit 3");
    const { status, headers, text } = await logOf(name);
    expect([status, headers.get("content-type"), text]).toEqual([200, "text/plain", "one\ntwo\nthree"]);
    expect((await logOf(name, "follow=true")).text).toBe(text);
    expect((await logOf(name, "tailLines=2")).text).toBe("two\nthree");
    expect((await logOf(name, "limitBytes=5")).text).toBe("one\nt");
  });

  test("has every byte, and both outputs", async () => {
    const name = await ended("head -c 1000000 /dev/zero; echo error >&2");
    const { text } = await logOf(name);
    expect(text.replaceAll("\0", "")).toBe("error\n");
    expect(text).toHaveLength(1_000_006);
  });

  test("has no carriage return before a newline, and every other one", async () => {
    const name = await ended("printf 'a\\r\\nb\\r\\r\\n\\r\\nc\\r'");
    // What a real cluster answers to the same.
    expect(Buffer.from((await logOf(name)).text).toString("hex")).toBe("610a620d0a0a630d");
  });

  test("has times with nine digits, between which one can choose", async () => {
    const before = Date.now();
    const name = await ended("echo one; echo two");
    const lines = (await logOf(name, "timestamps=true")).text.trim().split("\n");
    for (const line of lines) {
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (one|two)$/);
      const timeMs = Date.parse(`${line.slice(0, 23)}Z`);
      expect(timeMs).toBeGreaterThanOrEqual(before - 1);
      expect(timeMs).toBeLessThanOrEqual(Date.now() + 1);
    }
    const timeOf = (offsetMs: number) => encodeURIComponent(new Date(before + offsetMs).toISOString());
    expect((await logOf(name, `sinceTime=${timeOf(-1_000)}`)).text).toBe("one\ntwo\n");
    expect((await logOf(name, `sinceTime=${timeOf(3_600_000)}`)).text).toBe("");
    expect((await logOf(name, "sinceSeconds=3600")).text).toBe("one\ntwo\n");
  });

  test("does not wait for somebody who attaches and does not read", async () => {
    const name = served.newName();
    await served.requests.run(name, shell("yes & until [ -e end ]; do sleep 0.02; done"));
    const session = await openSession(served.server, `${name}/attach?stdout=true`);
    session.socket.pause();
    await (await openSession(served.server, `${name}/exec?command=touch&command=end&stdout=true`)).closed;
    await served.requests.until(name, ({ status }) => /Succeeded|Failed/.test(status.phase));
    expect((await logOf(name, "tailLines=1")).text).toBe("y\n");
    session.socket.terminate();
  });

  test("is gone with its Pod", async () => {
    const name = await ended("echo one");
    await served.requests.delete(name);
    expect(await logOf(name)).toMatchObject({ status: 404, text: expect.stringContaining("not found") });
  });

  test("of a program that could not be started is empty", async () => {
    expect(await logOf(await ended("", { command: ["no-such-program"] }))).toMatchObject({
      status: 200,
      text: "",
    });
  });

  test("is whole although somebody who is attached does not read", async () => {
    const name = served.newName();
    await served.requests.run(name, {
      ...shell("read -r go; head -c 3000000 /dev/zero; echo end"),
      stdin: true,
    });
    const session = await openSession(served.server, `${name}/attach?stdin=true&stdout=true`);
    session.send("00 0a");
    session.socket.pause();
    const reading = logOf(name, "follow=true");
    await served.requests.until(name, ({ status }) => status.phase === "Running");
    session.socket.resume();
    expect((await reading).text.slice(-4)).toBe("end\n");
  });
});

describe("following", () => {
  test("tells as it is written, and ends with the container", async () => {
    const name = served.newName();
    await served.requests.run(name, {
      ...shell("echo up; while read -r line; do echo $line; done"),
      stdin: true,
      stdinOnce: true,
    });
    const { config, url } = served.server;
    const response = await fetch(`${url}${podsPath}/${name}/log?follow=true`, {
      headers: { authorization: `Bearer ${config.token}` },
    });
    const session = await openSession(served.server, `${name}/attach?stdin=true`);
    let text = "";
    let sent = 0;
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text === "up\n" && sent === 0) {
        sent = 1;
        session.send(Buffer.from("\0again\n"));
      }
      // The end of its input ends it.
      if (text === "up\nagain\n") session.send("ff 00");
    }
    expect(text).toBe("up\nagain\n");
  });

  test("begins with a tail, and ends with its limit", async () => {
    const name = served.newName();
    await served.requests.run(name, shell("echo one; echo two; touch ready; sleep 1000"));
    await (
      await openSession(
        served.server,
        `${name}/exec?command=sh&command=-c&command=${encodeURIComponent("until [ -e ready ]; do sleep 0.02; done")}&stdout=true`,
      )
    ).closed;
    expect((await logOf(name, "follow=true&tailLines=1&limitBytes=2")).text).toBe("tw");
    await served.requests.delete(name);
  });

  test("of a terminal has plain newlines, as on a real cluster", async () => {
    const name = served.newName();
    await served.requests.run(name, { ...shell("echo one; echo two"), stdin: true, tty: true });
    expect((await logOf(name, "follow=true")).text).toBe("one\ntwo\n");
  });
});

test("a reader that does not read does not stop the container, and one that leaves is forgotten", async () => {
  const name = served.newName();
  await served.requests.run(name, {
    ...shell("read -r go; head -c 50000000 /dev/zero | tr '\\0' 'y'; echo end"),
    stdin: true,
    stdinOnce: true,
  });
  const { port } = new URL(served.server.url);
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `GET ${podsPath}/${name}/log?follow=true HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${served.server.config.token}\r\n\r\n`,
  );
  await once(socket, "readable");
  const session = await openSession(served.server, `${name}/attach?stdin=true`);
  session.send("00 0a");
  // Nothing of the log is read meanwhile.
  await served.requests.until(name, ({ status }) => status.phase === "Succeeded");
  const { text } = await logOf(name);
  expect(text.slice(-5)).toBe("yend\n");
  // What is older is forgotten.
  expect(text.length).toBeGreaterThan(4_000_000 - 100_000);
  expect(text.length).toBeLessThan(4 * 1_048_576);
  socket.destroy();
});

describe("an instance of a container that was restarted", () => {
  test("has a log of its own, and so has the one before", async () => {
    const name = served.newName();
    await served.requests.create(name, shell("echo run of $PPID; exit 1"), { restartPolicy: "Always" });
    const pod = await served.requests.until(
      name,
      ({ status }) => status.containerStatuses?.[0]?.state.waiting?.reason === "CrashLoopBackOff",
    );
    expect(pod.status.containerStatuses?.[0]?.restartCount).toBe(1);
    // As it waits, the last instance is the previous one.
    const last = (await logOf(name)).text;
    expect(last).toMatch(/^run of/);
    expect((await logOf(name, "previous=true")).text).toBe(last);
    await served.requests.delete(name);
  });

  test("that runs again is told from the previous one", async () => {
    const name = served.newName();
    const second = "case $HOME in *-1) sleep 1000;; esac; exit 1";
    await served.requests.create(name, shell(`echo $HOME; ${second}`), { restartPolicy: "Always" });
    await served.requests.until(name, ({ status }) => {
      const [container] = status.containerStatuses ?? [];
      return container?.restartCount === 1 && container.state.running !== undefined;
    });
    expect((await logOf(name, "previous=true")).text).toMatch(/main-0\n$/);
    expect((await logOf(name, "follow=true&limitBytes=1")).text).toBe("/");
    expect((await logOf(name)).text).toMatch(/main-1\n$/);
    await served.requests.delete(name);
  });
});
