import { connect } from "node:net";
import { createDevServer } from "@podwire/devserver";
import { describe, expect, test, vi } from "vitest";
import { rest } from "./faults-wire.ts";
import { createRequests, shell } from "./requests.ts";
import { openSession, upgradeRequest, v4, v5 } from "./sessions.ts";
import { serveStrict } from "./strict-server.ts";

const { served, told, upgrade } = serveStrict();

const cat = "exec?command=cat&stdin=true&stdout=true";
const head = "exec?command=head&command=-c1&stdin=true&stdout=true";
const terminal = "exec?command=cat&stdin=true&stdout=true&tty=true";
// An empty Close, masked with zeros; and half-close of stdin.
const close = "888000000000";
const halfClose = "828200000000ff00";

/** Sends it in a session and reads to the end. */
async function send(target: string, protocol: string, hex: string): Promise<void> {
  const session = await upgrade(target, { "Sec-WebSocket-Protocol": protocol });
  session.socket.write(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  await rest(session);
}

/** The server may hear of the end after the client. */
async function expectRules(rules: readonly string[]): Promise<void> {
  await vi.waitFor(() => expect(told.map(({ rule }) => rule)).toEqual(rules), 10_000);
}

test.for([
  ["nothing but its Close", cat, v5, close, []],
  ["stdin, half-close and Close", cat, v5, `82820000000000 61 ${halfClose} ${close}`, []],
  ["a ping and a pong", cat, v5, `898000000000 8a8000000000 ${close}`, []],
  ["an empty message", cat, v5, `828000000000 ${close}`, []],
  ["an unmasked frame", cat, v5, "82020061", ["masked", "close-answer"]],
  ["a reserved bit", cat, v5, `c2820000000000 61 ${close}`, ["reserved-bits"]],
  ["opcode 3", cat, v5, `83820000000000 61 ${close}`, ["reserved-opcode"]],
  ["opcode 11", cat, v5, `8b8000000000 ${close}`, ["reserved-opcode"]],
  ["a fragment", cat, v5, `02820000000000 61 808100000000 00 ${close}`, ["fragment"]],
  ["a fragmented ping", cat, v5, `098000000000 ${close}`, ["control-frame"]],
  ["a long ping", cat, v5, `89fe007e00000000 ${"00".repeat(126)} ${close}`, ["control-frame"]],
  ["a Close of one byte", cat, v5, "888100000000 03", ["close-frame"]],
  ["a Close with 1005", cat, v5, "888200000000 03ed", ["close-frame"]],
  ["a Close with a reason that is no UTF-8", cat, v5, "888300000000 03e8ff", ["close-frame"]],
  ["a Close with a code of its own", cat, v5, "888200000000 0fa0", []],
  ["a ping behind its Close", cat, v5, `${close} 898000000000`, ["after-close"]],
  ["a message of 32 MiB and a byte", cat, v5, "82ff000000000200000100000000", ["oversize"]],
  ["a text message", cat, v5, `81820000000000 61 ${close}`, ["message-kind"]],
  [
    "a binary message of base64",
    cat,
    "v4.base64.channel.k8s.io",
    `82850000000030 59513d3d ${close}`,
    ["message-kind"],
  ],
  ["a message in base64", cat, "v4.base64.channel.k8s.io", `81850000000030 59513d3d ${close}`, []],
  ["unpadded base64", cat, "v4.base64.channel.k8s.io", `81830000000030 5951 ${close}`, ["base64"]],
  ["stdout", cat, v5, `82820000000001 61 ${close}`, ["channel"]],
  ["channel 9", cat, v5, `82820000000009 61 ${close}`, ["channel"]],
  ["a half-close of v4", cat, v4, `${halfClose} ${close}`, ["channel"]],
  [
    "stdin that was not asked for",
    "exec?command=sleep&command=1000&stdout=true",
    v5,
    `82820000000000 61 ${close}`,
    ["stdin-requested"],
  ],
  ["stdin behind its half-close", cat, v5, `${halfClose} 82820000000000 61 ${close}`, ["after-half-close"]],
  ["a close message of three bytes", cat, v5, "828300000000ff0000", ["close-channel", "close-answer"]],
  ["a close message for channel 9", cat, v5, "828200000000ff09", ["close-channel", "close-answer"]],
  // {"Width":80,"Height":24}
  [
    "a size without a terminal",
    cat,
    v5,
    `829900000000 04 7b225769647468223a38302c22486569676874223a32347d ${close}`,
    ["resize-tty"],
  ],
  ["a size", terminal, v5, `829900000000 04 7b225769647468223a38302c22486569676874223a32347d ${close}`, []],
  // {"Width":0,"Height":24}
  [
    "a size of 0",
    terminal,
    v5,
    `829800000000 04 7b225769647468223a302c22486569676874223a32347d ${close}`,
    ["resize-size"],
  ],
  ["a size that is none", terminal, v5, `828200000000 04 7b ${close}`, ["resize-size"]],
  ["a terminal with stderr", `${terminal}&stderr=true`, v5, close, ["tty-stderr"]],
  ["an offence twice", cat, v5, `81820000000000 61 81820000000000 61 ${close}`, ["message-kind"]],
  ["a port", "portforward?ports=9", v4, `82820000000000 61 ${close}`, []],
  ["the error channel of a port", "portforward?ports=9", v4, `82820000000001 61 ${close}`, ["channel"]],
  ["a channel of no port", "portforward?ports=9", v4, `82820000000002 61 ${close}`, ["channel"]],
  [
    "fragments in a tunnel",
    "portforward",
    "SPDY/3.1+portforward.k8s.io",
    `028000000000 808000000000 ${close}`,
    [],
  ],
  [
    "a continuation of nothing",
    "portforward",
    "SPDY/3.1+portforward.k8s.io",
    "808000000000",
    ["fragment", "close-answer"],
  ],
] as const)("%s", async ([, target, protocol, hex, broken]) => {
  await send(target, protocol, hex);
  await expectRules(broken);
});

describe("the end", () => {
  test("without a Close is allowed", async () => {
    const { socket } = await upgrade(cat, { "Sec-WebSocket-Protocol": v5 });
    socket.end();
    await rest({ socket, head: Buffer.alloc(0), answer: "" });
    await expectRules([]);
  });

  test("without an answer to the Close of the server is told", async () => {
    await send(head, v5, "82820000000000 61");
    await expectRules(["close-answer"]);
  });

  test("with an answer is none", async () => {
    const session = await openSession(served.server, "web/exec?command=true&stdout=true");
    expect(await session.closed).toBe(1000);
    expect(told).toEqual([]);
  });

  test("that a fault makes is not the client's", async () => {
    using _fault = served.server.faults.add({ kind: "cut", by: "rst", afterFrames: 1 });
    await send(cat, v5, "");
    await expectRules([]);
  });
});

test("a frame that comes with the request is told", async () => {
  const socket = connect(Number(new URL(served.server.url).port), "127.0.0.1");
  const request = upgradeRequest(served.server, `web/${cat}`);
  socket.write(
    Buffer.concat([Buffer.from(request), Buffer.from(`82820000000000 61${close}`.replace(" ", ""), "hex")]),
  );
  await rest({ socket, head: Buffer.alloc(0), answer: "" });
  expect(told.map(({ rule }) => rule)).toContain("early");
});

test("a violation says the rule, where it is from, and the session", async () => {
  const before = served.server.violations.length;
  await send(cat, v5, `81820000000000 61 ${close}`);
  expect(served.server.violations.slice(before)).toEqual(told);
  expect(told).toMatchObject([
    {
      rule: "message-kind",
      says: "messages are binary, and text with a base64 subprotocol",
      source: "Kubernetes, k8s.io/apimachinery/pkg/util/httpstream/wsstream",
      session: expect.any(Number),
      request: { name: "web", subresource: "exec", verb: "get", protocol: "websocket" },
    },
  ]);
});

test("without strict mode nothing is told", async () => {
  await using lax = await createDevServer();
  await createRequests(lax).run("web", shell("sleep 1000"));
  const session = await openSession(lax, `web/${cat}`);
  session.socket.send("text");
  session.socket.terminate();
  await session.closed;
  expect(lax.violations).toEqual([]);
});
