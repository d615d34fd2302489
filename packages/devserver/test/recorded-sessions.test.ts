import { createServer } from "node:net";
import { inspect } from "node:util";
import { createDevServer, type SessionFilter } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { serve } from "./serve.ts";
import { openSession, v4, v5 } from "./sessions.ts";
import { createSpdyClient } from "./spdy-client.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

// A machine may be busy.
const patient = { timeoutMs: 20_000 };
const web = { name: "web", image: "busybox", command: ["sleep", "1000"], ...patient };
const served = serve("recorded", {}, async ({ server }) => {
  await server.pods.run(web);
  await server.pods.run({ ...web, name: "cat", command: ["cat"], stdin: true, stdinOnce: true });
});
/** Of the server of all tests. */
const next = (filter: SessionFilter) => served.server.sessions.next(filter, patient);
const upgrade = devServerUpgrade(() => served.server, "web");

const cat = "web/exec?command=cat&stdin=true&stdout=true";

describe("an exec", () => {
  test("is there with what was asked for, what went both ways, and its end", async () => {
    const client = await openSession(served.server, cat);
    const session = await next({ subresource: "exec", pod: "web" });
    client.send("00 68656c6c 6f");
    await session.received("hello", patient);
    client.send("ff00");
    await session.until(({ stdinEnded }) => stdinEnded, patient);
    expect(await session.ended).toEqual({ kind: "exited", code: 0 });
    expect(session).toMatchObject({
      subresource: "exec",
      namespace: "default",
      pod: "web",
      container: "main",
      command: ["cat"],
      streams: ["stdin", "stdout"],
      tty: false,
      transport: "websocket",
      protocol: v5,
    });
    expect([session.stdin.text(), session.stdout.text(), session.stderr.byteLength]).toEqual([
      "hello",
      "hello",
      0,
    ]);
    expect(session.stdin.bytes).toEqual(Uint8Array.from(Buffer.from("68656c6c6f", "hex")));
  });

  test("tells its exit code, and its outputs apart", async () => {
    await openSession(
      served.server,
      "web/exec?command=sh&command=-c&command=echo%20out;echo%20err>%262;exit%203&stdout=true&stderr=true",
    );
    const session = await next({ where: ({ command }) => command[0] === "sh" });
    expect(await session.ended).toEqual({ kind: "exited", code: 3 });
    expect([session.stdout.text(), session.stderr.text()]).toEqual(["out\n", "err\n"]);
  });

  test("that could not be started says so, and one that was left says that", async () => {
    await openSession(served.server, "web/exec?command=/no/such/program&stdout=true");
    const failed = await next({
      where: ({ command }) => command[0] === "/no/such/program",
    });
    expect(await failed.ended).toEqual({
      kind: "failed",
      message: expect.stringContaining("/no/such/program"),
    });
    const client = await openSession(served.server, cat);
    const left = await next({ where: ({ outcome }) => outcome === undefined });
    client.socket.terminate();
    expect(await left.ended).toEqual({ kind: "left" });
  });

  test("has the sizes that its terminal was given", async () => {
    const client = await openSession(served.server, "web/exec?command=cat&stdin=true&stdout=true&tty=true");
    const session = await next({ where: ({ tty }) => tty });
    client.send(Buffer.from('\x04{"Width":100,"Height":40}'));
    await session.until(({ sizes }) => sizes.length > 0, patient);
    expect(session.sizes).toEqual([{ width: 100, height: 40 }]);
    client.socket.terminate();
  });
});

test("an attach has no command, and finishes whatever the exit code", async () => {
  const client = await openSession(served.server, "cat/attach?stdin=true&stdout=true");
  const session = await next({ subresource: "attach" });
  client.send("00 61");
  client.send("ff00");
  expect([session.command, await session.ended, session.stdin.text()]).toEqual([
    [],
    { kind: "finished" },
    "a",
  ]);
});

test("a session over SPDY is there as one over WebSocket", async () => {
  const { socket, head } = await upgrade("exec?command=cat&stdin=true&stdout=true", spdyHeaders(v4));
  const client = createSpdyClient(socket, head);
  const session = await next({ where: ({ transport }) => transport === "spdy" });
  await client.open({ streamtype: "error" });
  const stdin = await client.open({ streamtype: "stdin" });
  await client.open({ streamtype: "stdout" });
  client.data(stdin, "over spdy", true);
  expect(await session.ended).toEqual({ kind: "exited", code: 0 });
  expect([session.protocol, session.stdin.text(), session.stdinEnded]).toEqual([v4, "over spdy", true]);
});

test("a port-forward has its connections, and why one failed", async () => {
  const echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const address = echo.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = await openSession(served.server, `web/portforward?ports=${port}&ports=1`, [v4]);
  const session = await next({ subresource: "portforward" });
  client.send("00 6f6e65");
  await session.received(/^one$/, patient);
  await session.until(
    ({ connections }) => connections.every(({ sent, failure }) => sent.text() === "one" || failure),
    patient,
  );
  expect(session.connections.map((one) => one.port)).toEqual([port, 1]);
  expect(session.connections[1]?.failure).toContain("connection refused");
  expect([session.container, session.streams]).toEqual([undefined, []]);
  client.socket.terminate();
  echo.close();
  expect(await session.ended).toEqual({ kind: "left" });
});

describe("next", () => {
  test("answers with each session once, whether it began before or after", async () => {
    await using own = await createDevServer();
    await own.pods.run(web);
    await openSession(own, cat);
    const first = await own.sessions.next({}, patient);
    const coming = own.sessions.next({ pod: "web", container: "main" }, patient);
    await openSession(own, cat);
    expect([first.number, (await coming).number]).toEqual([1, 2]);
    await expect(own.sessions.next({ namespace: "default" }, { timeoutMs: 0 })).rejects.toThrow(
      'it took more than 0 ms until a session began that is {"namespace":"default"}; 2 are there',
    );
  });

  test("goes on in a loop until the server closes", async () => {
    const own = await createDevServer();
    await own.pods.run(web);
    const numbers: number[] = [];
    const loop = (async () => {
      for await (const { number } of own.sessions) numbers.push(number);
    })();
    const client = await openSession(own, cat);
    client.send("00 61");
    await client.until(({ text }) => text(1) === "a");
    await own.close();
    await loop;
    expect([numbers, own.sessions.all.map(({ outcome }) => outcome?.kind)]).toEqual([[1], ["exited"]]);
  });
});

describe("waiting for what a session receives", () => {
  test("ends with the session, and says what came instead", async () => {
    const client = await openSession(served.server, cat);
    const session = await next({ where: ({ outcome }) => outcome === undefined });
    const waiting = session.received("good bye", patient);
    client.send("00 6869");
    client.send("ff00");
    await expect(waiting).rejects.toMatchObject({
      name: "DevServerError",
      code: "SESSION_ENDED",
      message: `session ${session.number} ended before it received "good bye"; it received 2 bytes, "hi", and exited with code 0`,
    });
  });

  test("ends by its signal, its time, and the server's end", async () => {
    const own = await createDevServer();
    await own.pods.run(web);
    await openSession(own, cat);
    const session = await own.sessions.next({}, patient);
    const reason = new Error("enough");
    await expect(session.received("x", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(session.received("x", { timeoutMs: 1 })).rejects.toMatchObject({ code: "TIMED_OUT" });
    await expect(session.received("x", { timeoutMs: -1 })).rejects.toThrow(RangeError);
    const coming = own.sessions.next({}, patient);
    await Promise.all([own.close(), expect(coming).rejects.toMatchObject({ code: "CLOSED" })]);
  });
});

test("of much the beginning is kept, and all is counted", async () => {
  const client = await openSession(
    served.server,
    "web/exec?command=sh&command=-c&command=cat>/dev/null&stdin=true&stdout=true",
  );
  const session = await next({
    where: ({ command }) => command[2] === "cat>/dev/null",
  });
  for (let sent = 0; sent < 80; sent += 1)
    client.send(Buffer.concat([Buffer.of(0), Buffer.alloc(32_768, sent)]));
  client.send("ff00");
  await session.ended;
  expect([session.stdin.byteLength, session.stdin.bytes.byteLength]).toEqual([2_621_440, 1_048_576]);
});

test("headers are the client's without what lets somebody in, and so is all that is shown", async () => {
  await using own = await createDevServer();
  await own.pods.run(web);
  const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from(own.config.token).toString("base64url")}`;
  const { socket } = await devServerUpgrade(() => own, "web")("exec?command=true&stdout=true", {
    "Sec-WebSocket-Protocol": `${v5}, ${bearer}`,
    "User-Agent": "tester/1",
    Cookie: "id=secret-cookie",
    "X-Note": own.config.token,
    "X-Api-Key": "secret-key",
  });
  const { headers } = await own.sessions.next({}, patient);
  expect(headers).toMatchObject({
    "user-agent": "tester/1",
    authorization: "[redacted]",
    cookie: "[redacted]",
    "x-note": "[redacted]",
    "x-api-key": "[redacted]",
    "sec-websocket-protocol": `${v5}, base64url.bearer.authorization.k8s.io.[redacted]`,
  });
  const seen =
    inspect(own, { depth: 20, getters: true }) + JSON.stringify(own) + JSON.stringify(own.sessions.all);
  expect(seen).toContain("tester/1");
  for (const secret of [own.config.token, bearer, "secret-cookie", "secret-key"])
    expect(seen).not.toContain(secret);
  socket.destroy();
});

test("JSON has the counts of what went, and not each byte", async () => {
  await using own = await createDevServer();
  await own.pods.run(web);
  await openSession(own, "web/exec?command=head&command=-c100000&command=/dev/zero&stdout=true");
  const session = await own.sessions.next({}, patient);
  await session.ended;
  expect(session.stdout.bytes.byteLength).toBe(100_000);
  expect(JSON.parse(JSON.stringify(session))).toMatchObject({ stdout: { byteLength: 100_000 } });
  expect(JSON.stringify(session).length).toBeLessThan(3_000);
});

test("the number is that of the session's violations too", async () => {
  await using own = await createDevServer({ strict: true });
  await own.pods.run(web);
  await openSession(own, cat);
  const client = await openSession(own, "web/exec?command=true&stdout=true");
  client.send("0061");
  await client.closed;
  const session = await own.sessions.next({ where: ({ command }) => command[0] === "true" }, patient);
  expect([session.number, own.violations.map((one) => [one.rule, one.session])]).toEqual([
    2,
    [["stdin-requested", 2]],
  ]);
});
