import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { next, rest } from "./faults-wire.ts";
import { createRequests } from "./requests.ts";
import { v5 } from "./sessions.ts";
import { devServerUpgrade, type Upgraded } from "./upgraded.ts";

// The limit is of Node's sockets, whose timers cannot be faked; it is longer than a busy machine stands still.
const idleMs = 3_000;

describe("a proxy in front with an idle limit", { concurrent: true }, () => {
  let server: DevServer;

  beforeAll(async () => {
    server = await createDevServer({ idleMs });
    // Over HTTP the limit would hold for the watch of its start too.
    await server.pods.run({
      name: "web",
      image: "busybox",
      command: ["sleep", "1000"],
      timeoutMs: 20_000,
    });
  });

  afterAll(() => server.close());

  const openCat = (): Promise<Upgraded> =>
    devServerUpgrade(() => server, "web")("exec?command=cat&stdin=true&stdout=true", {
      "Sec-WebSocket-Protocol": v5,
    });

  test("ends an idle session without Close", async () => {
    const before = performance.now();
    expect((await rest(await openCat())).hex).toBe("820101");
    expect(performance.now() - before).toBeGreaterThan(idleMs - 10);
  });

  test("lets one live on which pings go, for longer than one without", async () => {
    const session = await openCat();
    expect(await next(session, 3)).toBe("820101");
    let isOver = false;
    const idle = rest(await openCat()).then(() => {
      isOver = true;
    });
    while (!isOver) {
      session.socket.write(Buffer.from("898000000000", "hex"));
      expect(await next({ ...session, head: Buffer.alloc(0) }, 2)).toBe("8a00");
    }
    await idle;
    expect(session.socket.closed).toBe(false);
    session.socket.destroy();
  });

  test("breaks an idle watch", async () => {
    const events = createRequests(server).watch("fieldSelector=metadata.name%3Dnone");
    await expect(events.next()).rejects.toThrow("terminated");
  });
});
