import { describe, expect, test, vi } from "vitest";
import { expectIdle } from "./exec.ts";
import { createLifeline } from "./lifeline.ts";
import { runWeb, serve } from "./serve.ts";
import { openShell } from "./sessions.ts";

// A terminal takes 4 KiB at a time, and here it is given 16 MiB.
vi.setConfig({ testTimeout: 60_000 });

const served = serve("exec", {}, runWeb);
const exec = (script: string, streams?: string, protocol?: string) =>
  openShell(served.server, script, streams, protocol);

describe("back-pressure", () => {
  test.for(["io", "iot"])("a program that does not read stops the client, with %s", async (streams) => {
    const script = `${streams.includes("t") ? "stty raw -echo; " : ""}echo up; while [ ! -e go ]; do sleep 0.05; done; rm go; head -c 16777216 | sha256sum`;
    const session = await exec(script, streams);
    await session.until(({ text }) => text(1).includes("up"));
    const before = process.memoryUsage.rss();
    // 16 MiB in all; what the server and the system take is far less.
    for (let sent = 0; sent < 512; sent++)
      session.send(Buffer.concat([Buffer.of(0), Buffer.alloc(32_768, "z")]));
    await expectIdle(served, session);
    expect(session.socket.bufferedAmount).toBeGreaterThan(4_194_304);
    // The client's own copies, and little else.
    expect(process.memoryUsage.rss() - before).toBeLessThan(80 * 1_048_576);
    await (await exec("touch go")).closed;
    expect(await session.closed).toBe(1000);
    expect(session.text(1)).toContain("7113391b76d3603ae3d884e787f67eff94100848f0343d5743b051ff9bfb9078");
  });

  test("a client that does not read stops the program, and loses nothing of it", async () => {
    const lifeline = await createLifeline();
    const script = `head -c 50000000 /dev/zero; echo written >${lifeline.path}; exit 3`;
    const session = await exec(script, "o");
    session.socket.pause();
    await expectIdle(served, session);
    const written: string[] = [];
    void lifeline.held.then((line) => written.push(line));
    await served.requests.send("GET", "/version");
    expect(written).toEqual([]);
    session.socket.resume();
    expect(await session.closed).toBe(1000);
    expect(session.bytes(1)).toHaveLength(50_000_000);
    expect(session.text(3)).toContain('"message":"3"');
    await lifeline.remove();
  });

  test("what one stream holds back does not disturb the other's order", async () => {
    const session = await exec(
      "for i in 1 2 3; do head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; done",
    );
    await session.closed;
    expect([session.bytes(1).length, session.bytes(2).length]).toEqual([9_000_000, 9_000_000]);
  });
});
