import { readFileSync } from "node:fs";
import { programs } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { readyImages } from "../src/containers/programs/programs.ts";
import type { ContainerSpec, Pod } from "../src/pods/pod.ts";
import { podsPath } from "./requests.ts";
import { serve } from "./serve.ts";
import { openSession, type RawSession } from "./sessions.ts";

const served = serve("ready", { images: { mine: programs.echo } });

const terminatedOf = ({ status }: Pod) => status.containerStatuses?.[0]?.state.terminated;

/** Runs a container to its end; answers with its exit code and its log. */
async function runToEnd(container: Partial<ContainerSpec>): Promise<[number | undefined, string]> {
  const name = served.newName();
  await served.requests.create(name, container);
  const pod = await served.requests.until(name, (one) => terminatedOf(one) !== undefined);
  const { text } = await served.requests.send("GET", `${podsPath}/${name}/log`);
  await served.requests.delete(name);
  return [terminatedOf(pod)?.exitCode, text];
}

/** Attaches to a container with everything. */
async function attach(
  container: Partial<ContainerSpec>,
  more = "&stderr=true",
): Promise<[string, RawSession]> {
  const name = served.newName();
  await served.requests.run(name, { stdin: true, stdinOnce: true, ...container });
  return [name, await openSession(served.server, `${name}/attach?stdin=true&stdout=true${more}`)];
}

const typed = (text: string): Buffer => Buffer.concat([Buffer.of(0), Buffer.from(text)]);
/** The end of stdin, in v5. */
const end = "ff 00";

test("podwire/echo writes its args as a line, also under a name of one's own", async () => {
  for (const image of ["podwire/echo", "docker.io/podwire/echo:1", "mine"]) {
    expect(await runToEnd({ image, args: ["hello", "you"] })).toEqual([0, "hello you\n"]);
  }
});

test.for(["podwire/echo", "podwire/cat"])("%s copies its input until that ends", async (image) => {
  const [name, session] = await attach({ image });
  session.send(typed("a\0b"));
  await session.until(({ text }) => text(1) === "a\0b");
  session.send(typed("\nc"));
  session.send(end);
  await session.closed;
  expect(session.text(1)).toBe("a\0b\nc");
  const pod = await served.requests.until(name, (one) => terminatedOf(one) !== undefined);
  expect(terminatedOf(pod)?.exitCode).toBe(0);
});

describe("podwire/flood", () => {
  test("writes as many bytes of its pattern as it is told to", async () => {
    const [code, text] = await runToEnd({ image: "podwire/flood", args: ["40000"] });
    const lines = Array.from({ length: 2_500 }, (_, number) => `${String(number).padStart(15, "0")}\n`);
    expect(code).toBe(0);
    expect(text).toBe(lines.join(""));
  });

  test("writes without end, and ends when it is asked to", async () => {
    const [name, session] = await attach({ image: "podwire/flood" }, "");
    await session.until(({ messages }) => messages.length > 300);
    const { metadata } = await served.requests.get(name);
    await served.requests.delete(name, "gracePeriodSeconds=20");
    const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`;
    for await (const { type, object } of served.requests.watch(query)) {
      if (type === "DELETED") {
        expect(terminatedOf(object)?.exitCode).toBe(143);
        break;
      }
    }
  });

  test("leaves time for everybody else, although nobody stops it", async () => {
    const name = served.newName();
    await served.requests.run(name, { image: "podwire/flood" });
    expect((await served.requests.get(name)).status.phase).toBe("Running");
    await served.requests.delete(name);
  });

  test("says what is wrong with its number", async () => {
    const [code, text] = await runToEnd({ image: "podwire/flood", args: ["many"] });
    expect([code, text.split("\n")[0]]).toEqual([
      1,
      'RangeError: "many" is not a number of bytes: expected an integer from 1 on',
    ]);
  });
});

test("podwire/slow-reader takes its time to read, and says how much it was", async () => {
  const [name, session] = await attach({ image: "podwire/slow-reader", args: ["2000"] });
  const begunMs = performance.now();
  session.send(typed("x".repeat(1_000)));
  session.send(end);
  await session.closed;
  expect(session.text(1)).toBe("read 1000 bytes\n");
  expect(performance.now() - begunMs).toBeGreaterThan(450);
  await served.requests.delete(name);
});

test("podwire/stubborn is ended by SIGKILL alone", async () => {
  const name = served.newName();
  const { metadata } = await served.requests.run(name, { image: "podwire/stubborn" });
  await served.requests.delete(name, "gracePeriodSeconds=1");
  const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`;
  for await (const { type, object } of served.requests.watch(query)) {
    if (type === "DELETED") {
      expect(terminatedOf(object)?.exitCode).toBe(137);
      break;
    }
  }
});

test("podwire/shell is attached to in a terminal, whose size it knows", async () => {
  const [name, session] = await attach({ image: "podwire/shell", tty: true }, "");
  // What it says before anybody listens is for nobody.
  session.send(typed("\r"));
  await session.until(({ text }) => text(1).endsWith("\r\n$ "));
  session.send(Buffer.concat([Buffer.of(4), Buffer.from('{"Width":100,"Height":30}')]));
  session.send(typed("stty size\r"));
  await session.until(({ text }) => text(1).endsWith("stty size\r\n30 100\r\n$ "));
  session.send(typed("exit 3\r"));
  await session.closed;
  const pod = await served.requests.until(name, (one) => terminatedOf(one) !== undefined);
  expect(terminatedOf(pod)?.exitCode).toBe(3);
});

test.for(Object.keys(readyImages))("%s can be entered", async (image) => {
  const name = served.newName();
  const args = /echo|flood/.test(image) ? ["sleep", "1000"] : [];
  await served.requests.run(name, { image, args, stdin: true });
  expect(await served.exec(name, ["sh", "-c", "echo in $HOSTNAME"])).toBe(`in ${name}\n`);
  expect(await served.exec(name, ["echo", "straight"])).toBe("straight\n");
  await served.requests.delete(name);
});

test("the README lists every image that is ready", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const names = [...readme.matchAll(/^\| `(podwire\/[a-z-]+)` +\| `programs\.(\w+)` /gm)];
  const own = Object.entries(readyImages).map(([image, program]) => [
    image,
    Object.entries(programs).find(([, one]) => one === program)?.[0],
  ]);
  expect(names.map(([, image, program]) => [image, program])).toEqual(own);
});
