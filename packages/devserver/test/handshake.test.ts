import { once } from "node:events";
import { connect } from "node:net";
import { handshakes } from "@podwire/tools-vectors";
import { describe, expect, test } from "vitest";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";
import {
  answerTo,
  connectHalfOpen,
  frame,
  headOf,
  openSession,
  upgradeRequest,
  v4,
  v5,
  writeUntilBroken,
} from "./sessions.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

const served = serve("handshake", {}, async ({ requests }) => {
  await requests.run("web", shell("sleep 1000"));
  await requests.run("terminal", { ...shell("sleep 1000"), tty: true });
  await requests.create("missing", { image: "registry.invalid/x" });
  await requests.create("ended", shell("exit 0"));
  await requests.until("ended", ({ status }) => status.phase === "Succeeded");
  const containers = ["a", "b"].map((name) => ({ name, image: "busybox", command: ["sleep", "1000"] }));
  await requests.run("two", {}, { containers });
});

const exec = "web/exec?command=true&stdout=true";

test("a 101 has the four headers of an API server and no others", async () => {
  const head = await headOf(served.server, upgradeRequest(served.server, exec));
  expect(head.split("\r\n")).toEqual([
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    `Sec-WebSocket-Protocol: ${v5}`,
  ]);
});

test("a 101 to SPDY has the headers of an API server, the first protocol of the client's that is known", async () => {
  const offer = spdyHeaders(v5, `${v4}, v3.channel.k8s.io`, "channel.k8s.io");
  for (const method of ["POST", "GET"]) {
    const { answer, socket } = await devServerUpgrade(() => served.server, "web")(
      exec.split("/")[1] ?? "",
      offer,
      method,
    );
    expect(answer.replace(/: \w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/, "").split("\r\n")).toEqual([
      "HTTP/1.1 101 Switching Protocols",
      "Connection: Upgrade",
      "Upgrade: SPDY/3.1",
      `X-Stream-Protocol-Version: ${v4}`,
      "Date",
    ]);
    socket.destroy();
  }
});

describe("the subprotocol", () => {
  test.for([
    [v5, v5],
    [v4, v4],
    [`${v5}, ${v4}`, v5],
    [`${v4},v3.channel.k8s.io,${v5}`, v5],
    [`foo, ${v4}`, v4],
    // A9: of several lines the first alone counts.
    [`${v4}\n${v5}`, v4],
    ["channel.k8s.io", "channel.k8s.io"],
    ["base64.channel.k8s.io", "base64.channel.k8s.io"],
    ["v4.base64.channel.k8s.io, channel.k8s.io", "v4.base64.channel.k8s.io"],
    [`v3.channel.k8s.io,channel.k8s.io,${v4}`, "channel.k8s.io"],
    [undefined, ""], // A11
    ["", ""],
  ] as const)("of the offer %j is %s", async ([offered, chosen]) => {
    const request = upgradeRequest(served.server, exec, { "Sec-WebSocket-Protocol": offered });
    expect(await headOf(served.server, request)).toMatch(
      new RegExp(`^HTTP/1.1 101 [\\s\\S]*\r\nSec-WebSocket-Protocol: ${chosen}$`),
    );
  });

  test.for([
    "v3.channel.k8s.io",
    "v2.channel.k8s.io",
    "v5.base64.channel.k8s.io",
    "V5.channel.k8s.io",
    "v5.CHANNEL.k8s.io",
    "foo",
    `foo\n${v5}`, // A8
  ])("is not found in the offer %j: a bare 403", async (offered) => {
    const request = upgradeRequest(served.server, exec, { "Sec-WebSocket-Protocol": offered });
    expect(await answerTo(served.server, request)).toBe(
      "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n",
    );
  });

  test.for(handshakes.filter(({ server }) => server === "apiserver"))(
    "is that of the vector $id",
    async ({ offered, chosen }) => {
      const offer = offered.length > 0 ? offered.join(", ") : undefined;
      const head = await headOf(
        served.server,
        upgradeRequest(served.server, exec, { "Sec-WebSocket-Protocol": offer }),
      );
      // Whoever offers nothing is served all the same.
      const echoed = offer === undefined ? "" : chosen;
      expect(/^Sec-WebSocket-Protocol: (.*)$/m.exec(head)?.[1] ?? null).toBe(echoed);
    },
  );

  test("A17: no extension is negotiated", async () => {
    const offer = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
    expect(await headOf(served.server, upgradeRequest(served.server, exec, offer))).not.toContain(
      "Extensions",
    );
  });
});

describe("before the 101", () => {
  const statusOf = async (target: string, headers = {}, method = "GET") => {
    const answer = await answerTo(served.server, upgradeRequest(served.server, target, headers, method));
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    return { head: head.split("\r\n"), body };
  };

  test("a missing Pod is a 404 Status", async () => {
    const { head, body } = await statusOf("nope/exec?command=true&stdout=true");
    expect(head).toEqual([
      "HTTP/1.1 404 Not Found",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
      "Connection: close",
    ]);
    expect(body).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \\"nope\\" not found","reason":"NotFound","details":{"name":"nope","kind":"pods"},"code":404}',
    );
  });

  test.for([
    ["web/exec?container=zz&stdout=true", "container zz is not valid for pod web"],
    ["two/attach?stdout=true", "a container name must be specified for pod two, choose one of: [a b]"],
    [
      "two/attach?container=&stdout=true",
      "a container name must be specified for pod two, choose one of: [a b]",
    ],
    ["web/exec?command=true&stdout=true&dryRun=All", "dryRun is not supported"],
  ] as const)("%s is a 400 Status", async ([target, message]) => {
    const { head, body } = await statusOf(target);
    expect([head[0], JSON.parse(body)]).toMatchObject([
      "HTTP/1.1 400 Bad Request",
      { message, reason: "BadRequest", code: 400 },
    ]);
  });

  test.for([
    ["web/exec?command=true", "400 Bad Request", "you must specify at least 1 of stdin, stdout, stderr"],
    [
      "web/exec?command=true&stderr=true&tty=true",
      "400 Bad Request",
      "you must specify at least 1 of stdin, stdout, stderr",
    ],
    [
      "web/attach?stdout=false&stderr=0&stdin=FALSE",
      "400 Bad Request",
      "you must specify at least 1 of stdin, stdout, stderr",
    ],
    ["ended/exec?command=true&stdout=true", "500 Internal Server Error", 'container not found ("main")'],
    [
      "ended/attach?stdout=true",
      "500 Internal Server Error",
      "container main not found in pod ended_default",
    ],
    ["missing/exec?command=true&stdout=true", "500 Internal Server Error", 'container not found ("main")'],
    // C58
    [
      "terminal/attach?stdout=true&stderr=true",
      "500 Internal Server Error",
      "rpc error: code = InvalidArgument desc = tty and stderr cannot both be true",
    ],
  ] as const)("%s is a %s in plain text", async ([target, status, text]) => {
    for (const protocol of [v5, v4]) {
      const { head, body } = await statusOf(target, { "Sec-WebSocket-Protocol": protocol });
      expect([head[0], head[1], body]).toEqual([
        `HTTP/1.1 ${status}`,
        "Content-Type: text/plain; charset=utf-8",
        text,
      ]);
    }
  });

  test("A22, A23: switches are read as an API server reads them", async () => {
    for (const on of ["stdout=", "stdout=1", "stdout=no", "stdout=true&stdout=false"]) {
      expect(await headOf(served.server, upgradeRequest(served.server, `web/attach?${on}`))).toMatch(
        /^HTTP\/1\.1 101 /,
      );
    }
    for (const off of ["stdout=0", "stdout=False", "stdout=FALSE", "stdout=false&stdout=true"]) {
      expect((await statusOf(`web/attach?${off}`)).head[0]).toBe("HTTP/1.1 400 Bad Request");
    }
    const head = await headOf(
      served.server,
      upgradeRequest(served.server, "terminal/attach?stdout=true&stderr=true&tty="),
    );
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
  });

  test.for([
    ["POST", {}, "405 Method Not Allowed", "bad method"], // A14
    ["GET", { "Sec-WebSocket-Key": undefined }, "400 Bad Request", "mismatch challenge/response"],
    // A13
    ["GET", { "Sec-WebSocket-Version": "8" }, "400 Bad Request", "missing or bad WebSocket Version"],
    ["GET", { "Sec-WebSocket-Version": undefined }, "400 Bad Request", "missing or bad WebSocket Version"],
    ["GET", { Connection: "keep-alive\nUpgrade" }, "400 Bad Request", "not websocket protocol"], // A21
  ] as const)("%s with %j is a %s", async ([method, headers, status, text]) => {
    const { head, body } = await statusOf(exec, headers, method);
    const version = text.endsWith("Version") ? ["Sec-WebSocket-Version: 13"] : [];
    expect([head, body]).toEqual([[`HTTP/1.1 ${status}`, ...version, "Connection: close"], text]);
  });

  test("A15: another method, or no upgrade, is a Status", async () => {
    const put = await statusOf(exec, {}, "PUT");
    expect([put.head[0], JSON.parse(put.body).reason]).toEqual([
      "HTTP/1.1 405 Method Not Allowed",
      "MethodNotAllowed",
    ]);
    const none = await served.requests.send("GET", `/api/v1/namespaces/default/pods/${exec}`);
    expect(JSON.parse(none.text)).toMatchObject({ code: 400, message: "Upgrade request required" });
    const elsewhere = upgradeRequest(served.server, "web").replace("/pods/web", "/pods/web/elsewhere");
    expect(await answerTo(served.server, elsewhere)).toMatch(/^HTTP\/1\.1 404 [\s\S]*404 page not found\n$/);
  });

  test.for([
    [
      "A19",
      spdyHeaders(),
      "400 Bad Request",
      "header X-Stream-Protocol-Version does not exist in request with 4 headers",
    ],
    [
      "A20",
      spdyHeaders(v5),
      "403 Forbidden",
      `unable to negotiate protocol: client supports [${v5}], server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]`,
    ],
    [
      "another upgrade",
      { ...spdyHeaders(v4), Upgrade: "foo" },
      "400 Bad Request",
      'missing upgrade headers in request: Upgrade is "foo"',
    ],
  ] as const)("%s: over SPDY %j is a %s", async ([, headers, status, why]) => {
    const { head, body } = await statusOf(exec, headers, "POST");
    expect([head[0], body]).toEqual([`HTTP/1.1 ${status}`, `unable to upgrade: ${why}\n`]);
    const accepted = head.filter((line) => line.startsWith("X-Accepted-Stream-Protocol-Versions: "));
    expect(accepted).toHaveLength(status.startsWith("403") ? 4 : 0);
  });

  test("SPDY gets the refusals that WebSocket gets", async () => {
    const { head, body } = await statusOf("nope/exec?command=true&stdout=true", spdyHeaders(v4), "POST");
    expect([head[0], JSON.parse(body).message]).toEqual(["HTTP/1.1 404 Not Found", 'pods "nope" not found']);
  });

  test("a refused connection is not kept, whatever its client does", async () => {
    const socket = connectHalfOpen(served.server);
    socket.write(upgradeRequest(served.server, exec, { "Sec-WebSocket-Protocol": "foo" }));
    socket.resume();
    await once(socket, "end");
    expect(await writeUntilBroken(socket)).toMatch(/ECONNRESET|EPIPE/);
  });
});

test("a command as long as an API server takes it is run", async () => {
  const text = "x".repeat(100_000);
  const session = await openSession(
    served.server,
    `web/exec?command=printf&command=%25s&command=${text}&stdout=true`,
  );
  await session.closed;
  expect(session.text(1)).toBe(text);
});

test("a frame in the packet of the request is not lost", async () => {
  const socket = connect(Number(new URL(served.server.url).port), "127.0.0.1");
  socket.write(
    Buffer.concat([
      Buffer.from(upgradeRequest(served.server, "web/exec?command=cat&stdin=true&stdout=true")),
      frame(2, Buffer.from("00686921", "hex")),
      frame(2, Buffer.from("ff00", "hex")),
    ]),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk);
    if (Buffer.concat(chunks).includes(Buffer.from("880203e8", "hex"))) break;
  }
  expect(Buffer.concat(chunks).includes(Buffer.from("820401686921", "hex"))).toBe(true);
});
