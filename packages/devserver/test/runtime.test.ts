import { connect } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { shell } from "./requests.ts";
import { runtimeSuite, straight } from "./runtime-suite.ts";
import { runWeb, serve } from "./serve.ts";
import { frame } from "./sessions.ts";

const served = serve("runtime", { strict: true }, runWeb);

afterEach(() => {
  vi.useRealTimers();
  served.server.faults.clear();
});
runtimeSuite({
  exec: async (command, streams) => served.server.runtime.exec({ pod: "web", command, ...streams }),
  attach: async (streams) => served.server.runtime.attach({ pod: "web", ...streams }),
  portForward: async (ports) => served.server.runtime.portForward({ pod: "web", ports }),
});

const v4 = { "Sec-WebSocket-Protocol": "v4.channel.k8s.io" };
const lineOf = async (url: string, headers: Readonly<Record<string, string>> = v4) =>
  (await straight(url, headers)).head.split("\r\n")[0];
const echo = () => served.server.runtime.exec({ pod: "web", command: ["echo", "hi"], stdout: true });

test("an address is good for a minute", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const [late, tooLate] = [echo(), echo()];
  vi.advanceTimersByTime(59_999);
  expect(await lineOf(late)).toBe("HTTP/1.1 101 Switching Protocols");
  vi.advanceTimersByTime(1);
  expect(await lineOf(tooLate)).toBe("HTTP/1.1 404 Not Found");
});

test("a thousand are good at once, and then none is given until one is used or too old", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.advanceTimersByTime(60_000);
  const all = Array.from({ length: 1_000 }, echo);
  expect(new Set(all).size).toBe(1_000);
  expect(echo).toThrow("the runtime refused: maximum number of in-flight requests exceeded");
  await straight(all[0] ?? "", v4);
  echo();
  expect(echo).toThrow("maximum number");
  vi.advanceTimersByTime(60_000);
  echo();
});

test.for([
  [{ pod: "none", stdout: true }, 'failed to find sandbox "none" in store: not found'],
  [{ pod: "web", container: "none", stdout: true }, 'failed to find container "none" in store: not found'],
  [{ pod: "web" }, "one of stdin, stdout, or stderr must be set"],
  [{ pod: "web", tty: true, stdout: true, stderr: true }, "tty and stderr cannot both be true"],
] as const)("%j is refused in containerd's words", ([request, why]) => {
  const { exec, attach } = served.server.runtime;
  for (const ask of [() => exec({ ...request, command: ["true"] }), () => attach(request)]) {
    expect(ask).toThrow(expect.objectContaining({ code: "REFUSED", message: `the runtime refused: ${why}` }));
  }
});

describe("what has ended since it was asked for", () => {
  test("C37: is a failure behind the 101", async () => {
    await served.requests.run("short", shell("sleep 1000"));
    const url = served.server.runtime.attach({ pod: "short", stdout: true });
    await served.requests.delete("short");
    const { head, body } = await straight(url, v4);
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(body.toString("latin1")).toContain(
      '{"status":"Failure","message":"Internal error occurred: error attaching to container: container is in CONTAINER_EXITED state","reason":"InternalError","code":500}',
    );
  });

  test("cannot be asked for", async () => {
    await served.requests.create("ended", shell("exit 0"));
    await served.requests.until("ended", ({ status }) => status.phase === "Succeeded");
    expect(() => served.server.runtime.attach({ pod: "ended", stdout: true })).toThrow("CONTAINER_RUNNING");
  });
});

test("pages of other origins, and other names than loopback's, are refused as ever", async () => {
  expect(await lineOf(echo(), { ...v4, Origin: "http://example.com" })).toBe("HTTP/1.1 403 Forbidden");
  expect(await lineOf(echo(), { ...v4, Host: "example.com" })).toBe("HTTP/1.1 403 Forbidden");
});

test("faults, strict mode and the list of sessions know it by its Pod, and not by its token", async () => {
  const fault = served.server.faults.add(
    { kind: "message", channel: 1, payload: "extra" },
    { subresource: "exec" },
  );
  const url = served.server.runtime.exec({ pod: "web", command: ["cat"], stdin: true, stdout: true });
  const { violationCount } = served.server;
  // A text message, and Close.
  const early = Buffer.concat([frame(1, Buffer.from("\0a")), frame(8, new Uint8Array(0))]);
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n`,
  );
  let text = "";
  for await (const chunk of socket) {
    text += chunk.toString("latin1");
    if (text.includes("extra") && !socket.writableEnded) socket.end(early);
  }
  expect(fault.met).toBe(1);
  await vi.waitFor(() => expect(served.server.violationCount).toBe(violationCount + 1), 10_000);
  const violation = served.server.violations.at(-1);
  expect(violation).toMatchObject({ rule: "message-kind", request: { path: "/exec", name: "web" } });
  expect(served.server.sessions.all.at(-1)).toMatchObject({
    pod: "web",
    subresource: "exec",
    command: ["cat"],
  });
  expect(JSON.stringify([violation, served.server.sessions.all])).not.toContain(pathname.slice(-8));
});
