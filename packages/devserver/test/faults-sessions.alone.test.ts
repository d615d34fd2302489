import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { createDevServer } from "@podwire/devserver";
import { afterEach, describe, expect, test } from "vitest";
import { connectSlowly, endOf, next, rest } from "./faults-wire.ts";
import { createRequests } from "./requests.ts";
import { runWeb, serve } from "./serve.ts";
import { openSession, upgradeRequest, v4, v5 } from "./sessions.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

const served = serve("fault", {}, runWeb);
const upgrade = devServerUpgrade(() => served.server, "web");

afterEach(() => served.server.faults.clear());
const hello = "exec?command=printf&command=hello&stdout=true";
const protocol = { "Sec-WebSocket-Protocol": v5 };
const cat = "exec?command=cat&stdin=true&stdout=true";
const first = "820101";
const said = "82060168656c6c6f"; // \x01hello
// \x03{"metadata":{},"status":"Success"}
const success = "8223037b226d65746164617461223a7b7d2c22737461747573223a2253756363657373227d";
const close = "880203e8";

test("without a fault there are the first message, the output, the status and Close", async () => {
  expect((await rest(await upgrade(hello, protocol))).hex).toBe(first + said + success + close);
});

describe("a cut", () => {
  test.for([
    [{ kind: "cut", by: "fin", afterFrames: 0 }, ""],
    [{ kind: "cut", by: "fin", afterFrames: 1 }, first],
    [{ kind: "cut", by: "rst", afterFrames: 2 }, first + said],
    [{ kind: "cut", by: "fin", afterBytes: 0 }, ""],
    [{ kind: "cut", by: "fin", afterBytes: 5 }, "8201018206"],
    [{ kind: "cut", by: "fin", afterBytes: 11 }, first + said],
  ] as const)("%j", async ([fault, hex]) => {
    served.server.faults.add(fault, { subresource: "exec" });
    expect((await rest(await upgrade(hello, protocol))).hex).toBe(hex);
  });

  test("by reset behind what has gone out is one", async () => {
    served.server.faults.add({ kind: "cut", by: "rst", afterFrames: 2 }, { subresource: "exec" });
    expect(await endOf(connectSlowly(served.server), upgradeRequest(served.server, `web/${hello}`))).toBe(
      "ECONNRESET",
    );
  });

  test("by reset is one of TCP below TLS too", async () => {
    await using secret = await createDevServer({ tls: true });
    secret.faults.add({ kind: "cut", by: "rst" });
    const { ca = "" } = secret.config;
    const socket = connectTls({ host: "127.0.0.1", port: Number(new URL(secret.url).port), ca });
    expect(await endOf(socket, upgradeRequest(secret, `web/${hello}`))).toBe("ECONNRESET");
  });

  test("before the handshake leaves it without an answer", async () => {
    served.server.faults.add({ kind: "cut", by: "rst" }, { pod: "web", subresource: "attach" });
    await expect(upgrade("attach?stdout=true", protocol)).rejects.toThrow("ECONNRESET");
  });

  test("by silence answers nothing more, not even a Close", async () => {
    served.server.faults.add({ kind: "cut", by: "silence", afterFrames: 1 });
    const session = await upgrade(cat, protocol);
    expect(await next(session, 3)).toBe(first);
    // stdin, a ping and a Close.
    session.socket.write(
      Buffer.from("82820000000000618980000000008882000000000 3e8".replace(" ", ""), "hex"),
    );
    const came = once(session.socket, "data", { signal: AbortSignal.timeout(300) });
    await expect(came).rejects.toThrow("aborted");
    session.socket.destroy();
  });

  test("of a session over SPDY counts its bytes too", async () => {
    served.server.faults.add({ kind: "cut", by: "fin", afterBytes: 10 }, { subresource: "exec" });
    const session = await upgrade("exec?command=true&stdout=true", spdyHeaders(v4), "POST");
    // A ping, which is answered with itself.
    session.socket.write(Buffer.from("800300060000000400000001800300060000000400000003", "hex"));
    expect((await rest(session)).hex).toBe("80030006000000040000");
  });
});

test.for([
  // stderr
  [{ kind: "message", channel: 2, payload: "no" }, `${first}8203026e6f${said}${success}${close}`],
  [
    { kind: "message", channel: 9, payload: Uint8Array.of(0), afterFrames: 2 },
    `${first}${said}82020900${success}${close}`,
  ],
  [{ kind: "message", channel: 255, payload: "", afterFrames: 0 }, `8201ff${first}${said}${success}${close}`],
  [{ kind: "empty-message" }, `${first}8200${said}${success}${close}`],
  [{ kind: "duplicate" }, first + first + said + said + success + success + close],
  [{ kind: "close", code: 1011, reason: "oh" }, `${first}${said}${success}880403f36f68`],
  [{ kind: "close", code: "none" }, `${first}${said}${success}8800`],
  [{ kind: "close", code: 1000, afterFrames: 2 }, first + said + close],
  [{ kind: "status", payloads: [] }, first + said + close],
  [{ kind: "status", payloads: ["{", "}"] }, `${first}${said}8202037b8202037d${close}`],
  [
    { kind: "status", splitAfterBytes: 1 },
    `${first}${said}8202037b8222${success.slice(4).replace("037b", "03")}${close}`,
  ],
] as const)("%j changes what is sent", async ([fault, hex]) => {
  served.server.faults.add(fault, { pod: "web" });
  expect((await rest(await upgrade(hello, protocol))).hex).toBe(hex);
});

test("several faults come together", async () => {
  served.server.faults.add({ kind: "delay", ms: 1 });
  served.server.faults.add({ kind: "status", payloads: [] });
  served.server.faults.add({ kind: "close", code: 1001 });
  expect((await rest(await upgrade(hello, protocol))).hex).toBe(`${first}${said}880203e9`);
});

test("faults speak the encoding of the session", async () => {
  served.server.faults.add({ kind: "message", channel: 2, payload: "no" });
  served.server.faults.add({ kind: "status", payloads: ["{"] });
  const session = await upgrade(hello, { "Sec-WebSocket-Protocol": "v4.base64.channel.k8s.io" });
  // "1", "2bm8=", "1aGVsbG8=", "3ew=="
  expect((await rest(session)).hex).toBe(`810131810532626d383d810931614756736247383d81053365773d3d${close}`);
});

test("faults of messages do not meet sessions over SPDY or plain requests", async () => {
  const fault = served.server.faults.add({ kind: "duplicate" });
  const { socket } = await upgrade("exec?command=true&stdout=true", spdyHeaders(v4), "POST");
  socket.destroy();
  expect((await createRequests(served.server).get("web")).metadata.name).toBe("web");
  expect(fault.met).toBe(0);
});

describe("a throttle", () => {
  test("lets output go as slowly as that", async () => {
    served.server.faults.add({ kind: "throttle", direction: "out", bytesPerSecond: 100_000 });
    const before = performance.now();
    const session = await openSession(
      served.server,
      "web/exec?command=head&command=-c&command=40000&command=/dev/zero&stdout=true",
    );
    await session.closed;
    expect(session.bytes(1).byteLength).toBe(40_000);
    expect(performance.now() - before).toBeGreaterThan(395);
  });

  test("lets input come as slowly as that", async () => {
    served.server.faults.add({ kind: "throttle", direction: "in", bytesPerSecond: 100_000 });
    const session = await openSession(served.server, "web/exec?command=wc&command=-c&stdin=true&stdout=true");
    const before = performance.now();
    session.send(Buffer.alloc(40_001));
    session.send("ff00");
    await session.closed;
    expect(session.text(1).trim()).toBe("40000");
    expect(performance.now() - before).toBeGreaterThan(395);
  });
});

test("a server that stops reading has read so many bytes, and goes on to write", async () => {
  served.server.faults.add({ kind: "stop-reading", afterBytes: 8 });
  const session = await upgrade(cat, protocol);
  // Two messages of stdin, "a" and "b", the first of 8 bytes.
  session.socket.write(Buffer.from("8282000000000061", "hex"));
  session.socket.write(Buffer.from("8282000000000062", "hex"));
  expect(await next(session, 7)).toBe(`${first}82020161`);
  const came = once(session.socket, "data", { signal: AbortSignal.timeout(300) });
  await expect(came).rejects.toThrow("aborted");
  session.socket.destroy();
});
