import { afterEach, expect, test, vi } from "vitest";
import { startBackends } from "./port-backends.ts";
import { runWeb, serve } from "./serve.ts";
import { expectAlive, openSession, v4, v5 } from "./sessions.ts";

const served = serve("idle", {}, runWeb);
const fourHours = 14_400_000;

afterEach(() => {
  vi.useRealTimers();
});

test.for([v5, v4])(
  "C56: a session over %s without a message for four hours is dropped without Close, pings or not",
  async (protocol) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const session = await openSession(served.server, "web/exec?command=cat&stdin=true&stdout=true", [
      protocol,
    ]);
    await session.until(({ messages }) => messages.length === 1);
    vi.advanceTimersByTime(fourHours - 1);
    // A message each way begins the time anew.
    session.send("00 78");
    await session.until(({ text }) => text(1) === "x");
    vi.advanceTimersByTime(fourHours - 1);
    await expectAlive(session);
    expect(session.socket.readyState).toBe(session.socket.OPEN);
    vi.advanceTimersByTime(1);
    expect(await session.closed).toBe(1006);
    expect(session.text(3)).toBe("");
  },
);

test("so is one to a port", async () => {
  const backends = await startBackends();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const session = await openSession(served.server, `web/portforward?ports=${backends.ports.echo}`, [v4]);
  session.send("00 78");
  await session.until(({ text }) => text(0).endsWith("x"));
  vi.advanceTimersByTime(fourHours - 1);
  await expectAlive(session);
  vi.advanceTimersByTime(1);
  expect(await session.closed).toBe(1006);
  backends.close();
});
