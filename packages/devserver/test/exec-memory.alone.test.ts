import { expect, test, vi } from "vitest";
import { expectIdle } from "./exec.ts";
import { runWeb, serve } from "./serve.ts";
import { openShell } from "./sessions.ts";

// A terminal takes 4 KiB at a time, and here it is given 16 MiB.
vi.setConfig({ testTimeout: 60_000 });

const served = serve("exec", {}, runWeb);

test.for(["io", "iot"])("a program that does not read stops the client, with %s", async (streams) => {
  const script = `${streams.includes("t") ? "stty raw -echo; " : ""}echo up; while [ ! -e go ]; do sleep 0.05; done; rm go; head -c 16777216 | sha256sum`;
  const session = await openShell(served.server, script, streams);
  await session.until(({ text }) => text(1).includes("up"));
  const before = process.memoryUsage.rss();
  // 16 MiB in all; what the server and the system take is far less.
  for (let sent = 0; sent < 512; sent++)
    session.send(Buffer.concat([Buffer.of(0), Buffer.alloc(32_768, "z")]));
  await expectIdle(served, session);
  expect(session.socket.bufferedAmount).toBeGreaterThan(4_194_304);
  // The client's own copies, and little else.
  expect(process.memoryUsage.rss() - before).toBeLessThan(80 * 1_048_576);
  await (await openShell(served.server, "touch go")).closed;
  expect(await session.closed).toBe(1000);
  expect(session.text(1)).toContain("7113391b76d3603ae3d884e787f67eff94100848f0343d5743b051ff9bfb9078");
});
