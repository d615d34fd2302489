import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, watch } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLifeline, type Lifeline } from "./lifeline.ts";
import { createRequests, podOf, podsPath, type Requests, shell } from "./requests.ts";
import { openSession } from "./sessions.ts";

let lifeline: Lifeline;

beforeEach(async () => {
  lifeline = await createLifeline();
});

afterEach(() => lifeline.remove());

describe("what a container has started", () => {
  let server: DevServer;
  let requests: Requests;

  beforeEach(async () => {
    server = await createDevServer();
    requests = createRequests(server);
  });

  afterEach(() => server.close());

  const background = () => `sh -c 'echo up; exec sleep 1000' >${lifeline.path} 2>&1`;

  test("is ended when its program ends, also with its outputs closed", async () => {
    await requests.run("web", shell(`${background()} & while [ ! -e end ]; do sleep 0.02; done`));
    await lifeline.held;
    await (await openSession(server, "web/exec?command=touch&command=end&stdout=true")).closed;
    await lifeline.released;
    await requests.until("web", ({ status }) => status.phase === "Succeeded");
  });

  test("is ended with the Pod, when its program is stubborn", async () => {
    await requests.run("web", shell(`trap '' TERM; ${background()} & while :; do sleep 1; done`));
    await lifeline.held;
    await requests.delete("web");
    await lifeline.released;
  });

  test("is ended although its program ends at the request", async () => {
    await requests.run(
      "web",
      shell(`trap 'exit 0' TERM; (trap '' TERM; ${background()}) & while :; do sleep 0.05; done`),
    );
    await lifeline.held;
    await requests.delete("web", "gracePeriodSeconds=20");
    await lifeline.released;
  });

  test("by an exec runs on when that ends, and is ended with the container", async () => {
    await requests.run("web", shell("sleep 1000"));
    const command = encodeURIComponent(`${background()} & echo done`);
    const session = await openSession(
      server,
      `web/exec?command=sh&command=-c&command=${command}&stdout=true`,
    );
    await session.closed;
    expect(session.text(1)).toBe("done\n");
    await lifeline.held;
    const ended: string[] = [];
    const released = lifeline.released.then(() => ended.push("process"));
    const again = await openSession(server, "web/exec?command=echo&command=still&stdout=true");
    await again.closed;
    expect(ended).toEqual([]);
    await requests.delete("web");
    await released;
  });

  test.runIf(process.platform === "linux")("as a daemon, in a session of its own, is ended too", async () => {
    await requests.run("web", shell(`setsid ${background()} & sleep 1000`));
    await lifeline.held;
    await requests.delete("web");
    await lifeline.released;
  });

  test.runIf(process.platform === "linux")("by the job control of a terminal is ended too", async () => {
    await requests.run("web", shell("sleep 1000"));
    const session = await openSession(
      server,
      "web/exec?command=sh&command=-i&stdin=true&stdout=true&tty=true",
    );
    session.send(Buffer.from(`\0${background()} &\n`));
    await lifeline.held;
    session.send(Buffer.from("\0exit\n"));
    await session.closed;
    await requests.delete("web");
    await lifeline.released;
  });

  test("is ended when the server is closed, and its folders are removed", async () => {
    await requests.run(
      "web",
      shell(`trap '' TERM; echo "$HOME" >${lifeline.path}; exec sleep 1000 >${lifeline.path}`),
    );
    const home = await lifeline.held;
    expect(existsSync(home)).toBe(true);
    await Promise.all([server.close(), server.close()]);
    await lifeline.released;
    await server.close();
    expect(existsSync(home.slice(0, home.indexOf("/", home.indexOf("podwire-devserver-"))))).toBe(false);
    await expect(requests.get("web")).rejects.toThrow();
  });
});

test("a Pod that is created while the server closes does no harm", async () => {
  const own = await createDevServer({
    images: { idle: ({ signal }) => once(signal, "abort").then(() => 0) },
  });
  const { run, send } = createRequests(own);
  await run("first", { image: "idle" });
  const creating = Array.from({ length: 20 }, (_, index) =>
    send("POST", podsPath, podOf(`late-${index}`, shell(`echo up >${lifeline.path}; sleep 1000`))).catch(
      () => undefined,
    ),
  );
  const closing = own.close();
  await Promise.all([...creating, closing]);
  const begun: string[] = [];
  void lifeline.held.then((line) => begun.push(line));
  // Opened and ended here, so that the reading ends when nobody else holds it.
  spawn("sh", ["-c", `: >${lifeline.path}`]);
  await lifeline.released;
  expect(begun).toEqual([]);
});

describe("a host program that ends without closing its server leaves nothing", () => {
  const host = fileURLToPath(new URL("fixtures/host.ts", import.meta.url));
  let folder: string;
  let child: ChildProcess;

  const start = async (how: string): Promise<void> => {
    folder = await mkdtemp(join(tmpdir(), "podwire-host-"));
    child = spawn(
      process.execPath,
      ["--conditions", "@podwire/source", "--import", "tsx", host, lifeline.path, folder, how],
      {
        stdio: ["pipe", "ignore", "ignore"],
      },
    );
    await lifeline.held;
  };

  const left = (): string[] => readdirSync(folder);

  const allGone = async (): Promise<void> => {
    await lifeline.released;
    await new Promise<void>((resolve) => {
      const watcher = watch(folder, look);
      function look(): void {
        if (left().length > 0) return;
        watcher.close();
        resolve();
      }
      look();
    });
  };

  test.for([
    ["process.exit", "exit", undefined],
    ["an uncaught error", "throw", undefined],
    ["Ctrl-C", "", "SIGINT"],
    ["SIGKILL", "", "SIGKILL"],
  ] as const)("by %s", async ([, how, signal]) => {
    await start(how);
    expect(left()).toHaveLength(1);
    const gone = allGone();
    if (signal) child.kill(signal);
    else child.stdin?.write("now\n");
    await once(child, "exit");
    await gone;
    await rm(folder, { recursive: true });
  });
});

test("a server that fails before it listens leaves no folder behind", async () => {
  const place = await mkdtemp(join(tmpdir(), "podwire-place-"));
  vi.stubEnv("TMPDIR", place);
  let looks = 0;
  const images = {
    get app(): "process" {
      looks += 1;
      if (looks > 1) throw new Error("not twice");
      return "process";
    },
  };
  await expect(createDevServer({ images })).rejects.toThrow("not twice");
  expect(readdirSync(place)).toEqual([]);
  vi.unstubAllEnvs();
  await rm(place, { recursive: true });
});
