import { once } from "node:events";
import { createDevServer } from "@podwire/devserver";
import { expect, onTestFinished, test } from "vitest";
import { createRequests, shell } from "./requests.ts";
import { answerTo, connectHalfOpen, headOf, upgradeRequest, v4, v5 } from "./sessions.ts";
import { spdyHeaders } from "./upgraded.ts";

const exec = "web/exec?command=true&stdout=true";

test.for([
  ["a WebSocket", { "Sec-WebSocket-Protocol": v5 }, "GET", exec],
  ["SPDY", spdyHeaders(v4), "POST", exec],
  [
    "a plain request with a body",
    { Upgrade: undefined, Connection: undefined, "Content-Length": "1000000" },
    "PUT",
    "web",
  ],
] as const)("a client that leaves a stall is noticed at once: %s", async ([, headers, method, target]) => {
  const server = await createDevServer({ limits: { connections: 1 } });
  onTestFinished(() => server.close());
  const fault = server.faults.add({ kind: "stall" }, { nth: 1 });
  const stalled = connectHalfOpen(server);
  stalled.write(upgradeRequest(server, target, headers, method));
  await expect.poll(() => fault.met, { timeout: 10_000 }).toBe(1);
  // It says something that nobody listens to any more, and leaves.
  stalled.end(Buffer.alloc(500_000));
  stalled.resume();
  await once(stalled, "close");
  // There is room for the next one.
  expect(await answerTo(server, upgradeRequest(server, "web"))).toMatch(/^HTTP\/1\.1 404 /);
  expect(server.sessions.all).toEqual([]);
});

test.for([
  ["a WebSocket", { "Sec-WebSocket-Protocol": v5 }, "GET"],
  ["SPDY", spdyHeaders(v4), "POST"],
] as const)(
  "a stall lets %s wait for its 101 until the server ends, and nobody else",
  async ([, headers, method]) => {
    const server = await createDevServer();
    onTestFinished(() => server.close());
    await createRequests(server).run("web", shell("sleep 1000"));
    const fault = server.faults.add({ kind: "stall" }, { subresource: "exec", nth: 1 });

    const stalled = connectHalfOpen(server);
    let came = 0;
    stalled.on("data", ({ byteLength }: Buffer) => {
      came += byteLength;
    });
    stalled.write(upgradeRequest(server, exec, headers, method));
    await expect.poll(() => fault.met, { timeout: 10_000 }).toBe(1);
    // Whoever comes later has all of his session meanwhile.
    expect(await headOf(server, upgradeRequest(server, exec, headers, method))).toMatch(/^HTTP\/1\.1 101 /);
    expect(await answerTo(server, upgradeRequest(server, "web"))).toMatch(/^HTTP\/1\.1 404 /);
    // It is not for a fault that is gone to answer.
    fault.remove();
    expect(await answerTo(server, upgradeRequest(server, "web"))).toMatch(/^HTTP\/1\.1 404 /);
    expect([came, stalled.closed, server.sessions.all.length]).toEqual([0, false, 1]);

    const closed = once(stalled, "end");
    await server.close();
    await closed;
    expect(came).toBe(0);
    stalled.destroy();
  },
);
