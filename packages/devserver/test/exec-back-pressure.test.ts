import { describe, expect, test } from "vitest";
import { expectIdle } from "./exec.ts";
import { createLifeline } from "./lifeline.ts";
import { runWeb, serve } from "./serve.ts";
import { openShell } from "./sessions.ts";

const served = serve("exec", {}, runWeb);
const exec = (script: string, streams?: string) => openShell(served.server, script, streams);

describe("back-pressure", () => {
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
