import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRequests, podsPath, type Requests } from "./requests.ts";
import { openSession, type RawSession } from "./sessions.ts";

vi.setConfig({ testTimeout: 60_000 });

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

let place: string;
let server: DevServer;
let requests: Requests;

const start = async (): Promise<void> => {
  server = await createDevServer({
    images: {
      // Says 64 KiB, and then all that it hears.
      app: async ({ exec, stdin, stdout, signal }) => {
        if (!exec) {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          return 0;
        }
        await stdout.write(Buffer.alloc(65_536, "x"));
        for await (const bytes of stdin) await stdout.write(bytes);
        return 0;
      },
    },
  });
  requests = createRequests(server);
};

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "podwire-place-"));
  vi.stubEnv("TMPDIR", place);
  await start();
});

afterEach(async () => {
  await server.close();
  expect(readdirSync(place)).toEqual([]);
  expect(childrenOf(process.pid)).toEqual([]);
  vi.unstubAllEnvs();
  await rm(place, { recursive: true });
});

/** Commands of what this program has started and what has not ended; those of the server's, by their folder. */
function childrenOf(pid: number): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((entry) => {
    try {
      const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, "latin1")) ?? [];
      const variables = readFileSync(`/proc/${entry}/environ`, "latin1");
      if (Number(parent) !== pid || !variables.includes(place)) return [];
      return [readFileSync(`/proc/${entry}/cmdline`, "latin1")];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

const handles = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /^(TCP|Pipe|Process)/.test(kind)).length;

/** Opens so many sessions at once, and lets each say something back before its input ends. */
async function converse(target: string, count: number): Promise<RawSession[]> {
  const sessions = await Promise.all(Array.from({ length: count }, () => openSession(server, target)));
  for (const [index, session] of sessions.entries()) {
    session.send(Buffer.from(`\0<${index}>`));
    session.send("ff00");
  }
  await Promise.all(sessions.map(({ closed }) => closed));
  return sessions;
}

const endsOf = (sessions: readonly RawSession[]) =>
  sessions.map((session) => [
    session.text(1).slice(-10).replace(/^x*/, ""),
    JSON.parse(session.text(3)).status,
  ]);
const expected = (count: number) => Array.from({ length: count }, (_, index) => [`<${index}>`, "Success"]);

test("three hundred sessions of a function at once each have their own bytes", async () => {
  await requests.run("app", { image: "app" });
  const sessions = await converse("app/exec?command=x&stdin=true&stdout=true", 300);
  expect(endsOf(sessions)).toEqual(expected(300));
  expect(
    new Set(sessions.map((session) => session.bytes(1).byteLength - session.text(1).indexOf("<"))),
  ).toEqual(new Set([3, 4, 5]));
});

test.runIf(process.platform !== "win32")("forty sessions of processes at once do, too", async () => {
  await requests.run("shell", { command: ["sleep", "1000"] });
  expect(endsOf(await converse("shell/exec?command=cat&stdin=true&stdout=true", 40))).toEqual(expected(40));
});

test("sessions of three hundred that are left without a word are all over", async () => {
  await requests.run("app", { image: "app" });
  const target = "app/exec?command=x&stdin=true&stdout=true";
  const sessions = await Promise.all(Array.from({ length: 300 }, () => openSession(server, target)));
  for (const { socket } of sessions) socket.terminate();
  await vi.waitFor(() => expect(server.sessions.all.filter(({ outcome }) => !outcome)).toEqual([]), 10_000);
  expect(server.sessions.all.length).toBe(300);
});

test("a hundred Pods come and go, and fifty who watch see each of them, in order", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `pod-${index}`);
  const watcher = async (): Promise<string[]> => {
    const seen: string[] = [];
    let gone = 0;
    for await (const { type, object } of requests.watch("resourceVersion=1")) {
      if (type === "ADDED" || type === "DELETED") seen.push(`${type} ${object.metadata.name}`);
      if (type === "DELETED") gone += 1;
      if (gone === names.length) break;
    }
    return seen;
  };
  const watchers = Array.from({ length: 50 }, watcher);
  await Promise.all(names.map((name) => requests.create(name, { image: "app" })));
  const running = new Set<string>();
  for await (const { object } of requests.watch("")) {
    if (object.status.phase === "Running") running.add(object.metadata.name);
    if (running.size === names.length) break;
  }
  await requests.send("DELETE", `${podsPath}?gracePeriodSeconds=0`);
  const [first = [], ...others] = await Promise.all(watchers);
  expect([...first].sort()).toEqual(names.flatMap((name) => [`ADDED ${name}`, `DELETED ${name}`]).sort());
  for (const other of others) expect(other).toEqual(first);
});

describe("afterwards", () => {
  test("no connection, process or folder is left, and no memory to speak of", async () => {
    const round = async (): Promise<number> => {
      await requests.run("app", { image: "app" });
      await converse("app/exec?command=x&stdin=true&stdout=true", 200);
      await server.close();
      // What has ended is let go of some turns later.
      for (let count = 0; count < 5; count++) {
        await turn();
        collectGarbage();
      }
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = handles();
    const used: number[] = [];
    for (let count = 0; count < 4; count++) {
      used.push(await round());
      await start();
    }
    await server.close();
    await vi.waitFor(() => expect(handles()).toBeLessThan(before), 10_000);
    // What each round carries is 26 MB, both ways: a tenth of it would be seen.
    const [, second = 0, , last = 0] = used;
    expect(last - second).toBeLessThan(5_000_000);
  });
});
