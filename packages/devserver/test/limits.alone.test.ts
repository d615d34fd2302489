import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createDevServer, type DevServer, type DevServerOptions } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { limitsSuite } from "./limits-suite.ts";
import { createRequests, podsPath, shell } from "./requests.ts";
import { answerTo, headOf, openSession, upgradeRequest, v4 } from "./sessions.ts";

const dial = async ({ url }: DevServer): Promise<Socket> => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
};

describe("as on a real server", () => {
  let server: DevServer;

  beforeAll(async () => {
    server = await createDevServer();
  });

  afterAll(() => server.close());

  limitsSuite({
    authorization: () => `Authorization: Bearer ${server.config.token}\r\n`,
    dial: () => dial(server),
  });
});

describe("sessions", () => {
  const exec = "web/exec?command=cat&stdin=true&stdout=true";
  const refusal = "rpc error: code = ResourceExhausted desc = maximum number of in-flight requests exceeded";

  test("beyond their number are refused as by a runtime, until one has ended", async () => {
    await using server = await createDevServer({ limits: { sessions: 2 } });
    await createRequests(server).run("web", shell("sleep 1000"));
    const [one, other] = [await openSession(server, exec), await openSession(server, exec)];
    for (const target of [exec, "web/portforward?ports=1"]) {
      const answer = await answerTo(server, upgradeRequest(server, target, { "Sec-WebSocket-Protocol": v4 }));
      expect(answer).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
      expect(answer).toContain("\r\nRetry-After: 60\r\n");
      expect(answer.slice(answer.indexOf("\r\n\r\n") + 4)).toBe(refusal);
    }
    one.socket.close();
    await one.closed;
    // The server may hear of the end after the client.
    await vi.waitFor(
      async () => expect(await headOf(server, upgradeRequest(server, exec))).toMatch(/ 101 /),
      10_000,
    );
    other.socket.terminate();
  });

  test("that were refused take no room", async () => {
    await using server = await createDevServer({ limits: { sessions: 1 } });
    await createRequests(server).run("web", shell("sleep 1000"));
    for (const target of ["none/exec?command=true&stdout=true", "web/exec?command=true"]) {
      expect(await answerTo(server, upgradeRequest(server, target))).toMatch(/^HTTP\/1\.1 40[04] /);
    }
    expect(await headOf(server, upgradeRequest(server, exec))).toMatch(/ 101 /);
  });

  test("are refused behind the 101 where the API server translates", async () => {
    await using server = await createDevServer({ limits: { sessions: 0 }, personality: "1.32" });
    await createRequests(server).run("web", shell("sleep 1000"));
    const session = await openSession(server, exec);
    await session.closed;
    expect(JSON.parse(session.text(3)).message).toContain(`unable to upgrade connection: ${refusal}`);
  });
});

test("watches and followed logs beyond their number are refused, until one has ended", async () => {
  await using server = await createDevServer({ limits: { watches: 1 } });
  const requests = createRequests(server);
  await requests.create("web", shell("sleep 1000"));
  const headers = { authorization: `Bearer ${server.config.token}` };
  const leave = new AbortController();
  const watch = await fetch(`${server.url}${podsPath}?watch=true`, { headers, signal: leave.signal });
  expect(watch.status).toBe(200);
  for (const path of [`${podsPath}?watch=true`, `${podsPath}/web/log?follow=true`]) {
    const refused = await requests.send("GET", path);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(JSON.parse(refused.text)).toMatchObject({
      message: "Too many requests, please try again later.",
      reason: "TooManyRequests",
      code: 429,
    });
  }
  expect((await requests.send("GET", podsPath)).status).toBe(200);
  leave.abort();
  await vi.waitFor(async () => {
    const again = await fetch(`${server.url}${podsPath}?watch=true&timeoutSeconds=1`, { headers });
    await again.body?.cancel();
    expect(again.status).toBe(200);
  }, 10_000);
});

test("objects are not stored beyond the bytes of all, until some are gone", async () => {
  await using server = await createDevServer({ limits: { storedBytes: 100_000 } });
  const { send } = createRequests(server);
  const path = "/api/v1/namespaces/default/configmaps";
  const create = (name: string) =>
    send("POST", path, { metadata: { name }, data: { a: "x".repeat(60_000) } });
  expect((await create("one")).status).toBe(201);
  const refused = await create("two");
  expect(refused.text).toBe(
    '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"etcdserver: mvcc: database space exceeded","code":500}',
  );
  const change = { metadata: { name: "one" }, data: { a: "y".repeat(90_000) } };
  expect((await send("PUT", `${path}/one`, change)).status).toBe(200);
  expect((await send("DELETE", `${path}/one`)).status).toBe(200);
  expect((await create("two")).status).toBe(201);
});

describe("connections", () => {
  test("beyond their number are dropped", async () => {
    await using server = await createDevServer({ limits: { connections: 2 } });
    const [one, other] = [await dial(server), await dial(server)];
    // Those that have been answered are certainly there.
    for (const socket of [one, other]) {
      socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await once(socket, "data");
    }
    const third = connect(Number(new URL(server.url).port), "127.0.0.1");
    third.on("error", () => undefined);
    third.resume();
    await once(third, "close");
    one.destroy();
    await vi.waitFor(async () => expect((await fetch(`${server.url}/healthz`)).status).toBe(200), 10_000);
    other.destroy();
  });

  const slow: readonly [string, DevServerOptions["limits"], string][] = [
    ["that say nothing", { headMs: 50 }, ""],
    ["whose request has no end", { headMs: 50 }, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"],
    [
      "whose body does not come",
      { requestMs: 50 },
      `POST ${podsPath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{`,
    ],
  ];
  test.for(slow)("%s end without an answer", async ([, limits, request]) => {
    await using server = await createDevServer({ ...(limits && { limits }), token: "t" });
    const socket = await dial(server);
    socket.write(request.replace("\r\n", "\r\nAuthorization: Bearer t\r\n"));
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.on("error", () => undefined);
    await once(socket, "close");
    expect(answer).toBe("");
  });

  test("of sessions and watches may be silent for longer", async () => {
    await using server = await createDevServer({ limits: { headMs: 3_000, requestMs: 3_000 } });
    // Over HTTP the limits would hold for its start too.
    await server.pods.run({
      name: "web",
      image: "busybox",
      command: ["sleep", "1000"],
      timeoutMs: 20_000,
    });
    const session = await openSession(server, "web/exec?command=cat&stdin=true&stdout=true");
    const slower = await dial(server);
    // It ends when the time of the others is over as well.
    await once(slower.resume(), "close");
    session.send("00 6869");
    await session.until(({ text }) => text(1) === "hi");
    session.socket.terminate();
  });
});

test.for([
  [{ limits: 5 }, TypeError, "limits must be an object"],
  [{ limits: { pods: 5 } }, TypeError, 'limits has "pods", which is none of connections, sessions'],
  [{ limits: { sessions: "5" } }, TypeError, "limits.sessions must be a number"],
  [{ limits: { sessions: -1 } }, RangeError, "limits.sessions must be an integer of at least 0, not -1"],
  [{ limits: { headMs: 0 } }, RangeError, "limits.headMs must be an integer from 1 to 2147483647, not 0"],
] as const)("%j is a mistake", async ([options, kind, message]) => {
  const error = await createDevServer(JSON.parse(JSON.stringify(options))).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ message: expect.stringContaining(message) });
});
