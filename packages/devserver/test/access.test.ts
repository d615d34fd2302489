import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { inspect } from "node:util";
import { createDevServer, DevServerError, type DevServerOptions } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { podsPath } from "./requests.ts";
import { runWeb, serve } from "./serve.ts";
import { answerTo, headOf, upgradeRequest, v4 } from "./sessions.ts";

const page = "http://localhost:5173";
// dG9rZW4 is "token" (protocol: the API server's own test vector).
const bearer = "base64url.bearer.authorization.k8s.io.";

const served = serve("access", { token: "token", allowedOrigins: [page] }, runWeb);

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly reason: string | undefined;
  readonly text: string;
}

/** A request with exactly these headers, Host too, which fetch does not allow. */
async function request(headers: Record<string, string>, path = podsPath, method = "GET"): Promise<Answer> {
  const { port, hostname } = new URL(served.server.url);
  const [answer] = await once(get({ hostname, port, path, headers, method, agent: false }), "response");
  let text = "";
  for await (const chunk of answer) text += chunk;
  const reason = text.startsWith("{") ? JSON.parse(text).reason : undefined;
  return { status: answer.statusCode, headers: answer.headers, reason, text };
}

const authorization = "Bearer token";

describe("the token as a header", () => {
  test.for([
    ["right", { authorization }, 200, undefined],
    ["with its scheme in small letters", { authorization: "bearer token" }, 200, undefined],
    ["missing", {}, 403, "Forbidden"],
    ["wrong", { authorization: "Bearer wrong" }, 401, "Unauthorized"],
    ["a part of the right one", { authorization: "Bearer toke" }, 401, "Unauthorized"],
    ["empty", { authorization: "Bearer " }, 401, "Unauthorized"],
    ["behind another scheme", { authorization: "Basic dG9rZW4=" }, 401, "Unauthorized"],
    ["without a scheme", { authorization: "token" }, 401, "Unauthorized"],
  ] as const)("%s", async ([, headers, status, reason]) => {
    const answer = await request(headers);
    expect([answer.status, answer.reason]).toEqual([status, reason]);
  });

  test("is asked for whatever is requested, known or not", async () => {
    for (const path of ["/api", "/apis", "/openapi/v3", "/healthz/x", "/nope", `${podsPath}/web/exec`]) {
      expect((await request({}, path)).status).toBe(403);
    }
    expect((await request({}, "/version", "POST")).status).toBe(403);
  });

  test("is not asked for by those who ask which server this is and how it is, and is wrong there too", async () => {
    for (const path of ["/version", "/healthz", "/livez", "/readyz"]) {
      expect((await request({}, path)).status).toBe(200);
      expect((await request({ authorization: "Bearer wrong" }, path)).status).toBe(401);
    }
  });

  test("is never repeated in an answer", async () => {
    const { text } = await request({ authorization: "Bearer wrong-secret" });
    expect(text).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}',
    );
  });
});

describe("the token as a subprotocol", () => {
  const answer = async (protocols: string, more: Record<string, string | undefined> = {}) => {
    const headers = { Authorization: undefined, "Sec-WebSocket-Protocol": protocols, ...more };
    const text = upgradeRequest(served.server, "web/attach?stdout=true", headers);
    return (await headOf(served.server, text)).split("\r\n");
  };

  test("B1: is taken, and not the subprotocol that is chosen", async () => {
    const lines = await answer(`${bearer}dG9rZW4,v4.channel.k8s.io`);
    expect(lines[0]).toBe("HTTP/1.1 101 Switching Protocols");
    expect(lines).toContain("Sec-WebSocket-Protocol: v4.channel.k8s.io");
    expect(lines.join()).not.toContain("dG9rZW4");
  });

  test("B2: may stand in one line and the subprotocols in another", async () => {
    const lines = await answer(`${bearer}dG9rZW4\ndummy, v5.channel.k8s.io`);
    expect(lines).toContain("Sec-WebSocket-Protocol: v5.channel.k8s.io");
  });

  test.for([
    ["B3: alone", `${bearer}dG9rZW4`, 401],
    ["B4: padded", `${bearer}dG9rZW4=,v4.channel.k8s.io`, 401],
    ["B5: twice", `${bearer}dG9rZW4,${bearer}dG9rZW4,v4.channel.k8s.io`, 401],
    ["B6: empty, which is none", `${bearer},v4.channel.k8s.io`, 403],
    ["B7: not UTF-8", `${bearer}_w,v4.channel.k8s.io`, 401],
    ["B8: wrong", `${bearer}d3Jvbmc,v4.channel.k8s.io`, 401],
  ] as const)("%s, is refused", async ([, protocols, status]) => {
    expect((await answer(protocols))[0]).toMatch(`HTTP/1.1 ${status} `);
  });

  test("B6: empty, leaves it to the header", async () => {
    const lines = await answer(`${bearer},v4.channel.k8s.io`, { Authorization: authorization });
    expect(lines[0]).toBe("HTTP/1.1 101 Switching Protocols");
  });

  test("B9: is no token without an upgrade", async () => {
    const headers = { "sec-websocket-protocol": `${bearer}dG9rZW4,v4.channel.k8s.io` };
    expect((await request(headers)).status).toBe(403);
  });

  test("beside a right header it does not matter", async () => {
    const lines = await answer(`v5.channel.k8s.io, ${bearer}d3Jvbmc`, { Authorization: authorization });
    expect(lines).toContain("Sec-WebSocket-Protocol: v5.channel.k8s.io");
  });
});

describe("a page", () => {
  test.for(["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:5174", `${page}/`])(
    "of the origin %s gets nothing, token or not",
    async (origin) => {
      for (const headers of [{ origin, authorization }, { origin }]) {
        const { status, headers: sent, reason } = await request(headers);
        expect([status, reason, sent["access-control-allow-origin"]]).toEqual([403, "Forbidden", undefined]);
      }
      const preflight = await request({ origin }, podsPath, "OPTIONS");
      expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
      const upgrade = upgradeRequest(served.server, "web/exec?command=true&stdout=true", { Origin: origin });
      expect(await answerTo(served.server, upgrade)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    },
  );

  test("of an allowed origin may read, write and preflight, and still needs the token", async () => {
    const preflight = await request(
      { origin: page, "access-control-request-method": "DELETE" },
      podsPath,
      "OPTIONS",
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": page,
      "access-control-allow-headers": "authorization, content-type",
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      vary: "origin",
    });
    const answer = await request({ origin: page, authorization });
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([200, page]);
    const denied = await request({ origin: page });
    expect([denied.status, denied.headers["access-control-allow-origin"]]).toEqual([403, page]);
  });

  test("of an allowed origin, or of the server's own, may open sessions", async () => {
    for (const origin of [page, served.server.url]) {
      const head = await headOf(
        served.server,
        upgradeRequest(served.server, "web/attach?stdout=true", { Origin: origin }),
      );
      expect(head).toMatch(/^HTTP\/1\.1 101 /);
    }
  });
});

describe("the Host", () => {
  test.for([
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "10.0.0.1",
    "a b",
  ])("%s is refused: a rebound name leads here and is not this server's", async (host) => {
    for (const method of ["GET", "OPTIONS"]) {
      const { status, reason } = await request({ host, authorization, origin: page }, podsPath, method);
      expect([status, reason]).toEqual([403, "Forbidden"]);
    }
    const upgrade = upgradeRequest(served.server, "web/exec?command=true&stdout=true", { Host: host });
    expect(await answerTo(served.server, upgrade)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  });

  test.for(["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080"])("%s is taken", async (host) => {
    expect((await request({ host, authorization })).status).toBe(200);
  });
});

test("only 127.0.0.1 is listened on", async () => {
  const { port } = new URL(served.server.url);
  expect(served.server.url).toBe(`http://127.0.0.1:${port}`);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, family }) => family === "IPv4" && !address.startsWith("127."))
    .map(({ address }) => address);
  for (const host of [...others, "127.0.0.2", "::1"]) {
    await expect(once(connect({ host, port: Number(port) }), "connect")).rejects.toThrow();
  }
});

test("the token is shown only to those who read it", async () => {
  const secret = await createDevServer({ token: "very-secret" });
  const spread = { ...secret };
  const shown = [
    inspect(secret, { depth: 9, showHidden: true }),
    JSON.stringify(secret),
    inspect(spread, { depth: 9 }),
    String(secret),
  ];
  expect(shown.join()).not.toContain("very-secret");
  expect(secret.config).toEqual({ server: secret.url, token: "very-secret", namespace: "default" });
  await secret.close();
});

test("the token is a new random one unless it is given", async () => {
  const [one, other] = await Promise.all([createDevServer(), createDevServer()]);
  expect(one.config.token).toMatch(/^[\w-]{32}$/);
  expect(one.config.token).not.toBe(other.config.token);
  await Promise.all([one.close(), other.close()]);
});

describe("options", () => {
  const rejectionOf = (options: object): Promise<unknown> =>
    createDevServer(options).then(
      (started) => started.close(),
      (error: unknown) => error,
    );

  test.for([
    [{ port: -1 }, RangeError],
    [{ port: 65_536 }, RangeError],
    [{ port: 1.5 }, RangeError],
    [{ port: Number.NaN }, RangeError],
    [{ port: "80" }, TypeError],
    [{ token: "" }, TypeError],
    [{ token: "a b" }, TypeError],
    [{ token: "a\n" }, TypeError],
    [{ token: 5 }, TypeError],
    [{ images: { a: "podman" } }, TypeError],
    [{ images: { a: null } }, TypeError],
    [{ images: null }, TypeError],
    [{ allowedOrigins: page }, TypeError],
    [{ allowedOrigins: ["localhost:5173"] }, TypeError],
    [{ allowedOrigins: [`${page}/`] }, TypeError],
    [{ allowedOrigins: ["*"] }, TypeError],
    [{ allowedOrigins: [1] }, TypeError],
    [{ tls: "yes" }, TypeError],
  ] as const)("%j is a mistake", async ([options, kind]) => {
    const error = await rejectionOf(options);
    expect(error).toBeInstanceOf(kind);
    expect(error).not.toBeInstanceOf(DevServerError);
  });

  test("a port in use is LISTEN_FAILED, with the cause", async () => {
    const taken = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const error = await rejectionOf({ port } satisfies DevServerOptions);
    expect(error).toBeInstanceOf(DevServerError);
    expect(error).toMatchObject({
      name: "DevServerError",
      code: "LISTEN_FAILED",
      message: `cannot listen on port ${port} of 127.0.0.1`,
      cause: { code: "EADDRINUSE" },
    });
    // A port on which a connection has just ended is given to those who ask for it, and to nobody who asks for any.
    await once(connect(port, "127.0.0.1").resume(), "close");
    taken.close();
    await once(taken, "close");
    const free = await createDevServer({ port });
    expect(free.url).toBe(`http://127.0.0.1:${port}`);
    await free.close();
  });
});

test("a subprotocol other than the token is still needed beside it", async () => {
  const upgrade = upgradeRequest(served.server, "web/attach?stdout=true", {
    Authorization: undefined,
    "Sec-WebSocket-Protocol": `${bearer}dG9rZW4, ${v4.toUpperCase()}`,
  });
  expect(await answerTo(served.server, upgrade)).toBe("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
});
