import { once } from "node:events";
import { createDevServer } from "@podwire/devserver";
import { dial } from "@podwire/transport";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { Audit } from "../src/session/audit.ts";
import type { SessionTarget } from "../src/session/bench.ts";
import { expectLike, expectRejection } from "../src/session/likeness.ts";
import { allSessionAudits, auditSessions } from "../src/session-audits.ts";

const audits: readonly Audit[] = Object.values(allSessionAudits).flat();
const firstOf = (id: string): readonly Audit[] => audits.filter((one) => one.id === id);

async function devserver(protocols: readonly string[]) {
  const server = await createDevServer();
  const target: SessionTarget = {
    config: async () => server.config,
    stranger: async (token) => ({ ...server.config, token }),
    image: "busybox:1.36",
    protocols,
    terminals: false,
  };
  return { target, [Symbol.asyncDispose]: () => server.close() };
}

test("every audit has an id of its own, by its topic, and says a sentence's rest", () => {
  expect(new Set(audits.map(({ id }) => id)).size).toBe(audits.length);
  for (const [topic, some] of Object.entries(allSessionAudits)) {
    for (const { id, says } of some) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      expect(id.startsWith(topic === "leaving" ? "leave-" : `${topic}-`), id).toBe(true);
      expect(says).toMatch(/^[a-z].*[^.]$/);
    }
  }
});

test("a report says what holds and what does not, without a test runner's help", async () => {
  await using server = await devserver(["v4.channel.k8s.io"]);
  const some = [...firstOf("exec-exit-3"), ...firstOf("input-5-mb"), ...firstOf("exec-protocol")];
  const lying: Audit = {
    id: "a-lie",
    level: "SHOULD",
    says: "be otherwise",
    needs: [],
    run: async () => expectLike(1, 2),
  };
  const report = await auditSessions(server.target, [...some, lying]);
  expect(report.map(({ id, level, failure }) => [id, level, failure === undefined])).toEqual([
    ["exec-exit-3", "MUST", true],
    ["exec-protocol", "MUST", true],
    ["a-lie", "SHOULD", false],
  ]);
});

test("a server that says Success for everything fails", async () => {
  await using server = await devserver(["v5.channel.k8s.io"]);
  const liar = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  let lies = 0;
  liar.on("connection", (socket) => {
    lies += 1;
    socket.send(Buffer.from("037b22737461747573223a2253756363657373227d", "hex"));
    socket.close(1000);
  });
  await once(liar, "listening");
  const address = liar.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const config = await server.target.config();
  const target = {
    ...server.target,
    config: async () => ({
      ...config,
      dial: (_url, accept, options) => dial(`ws://127.0.0.1:${port}/`, accept, options),
    }),
  } satisfies SessionTarget;
  const ids = ["exec-exit-3", "output-apart", "input-5-mb", "verified-proof", "exec-missing-program"];
  const report = await auditSessions(target, ids.flatMap(firstOf));
  expect(report.map(({ failure }) => failure instanceof Error)).toEqual(ids.map(() => true));
  expect(lies).toBeGreaterThanOrEqual(ids.length);
  liar.close();
});

test.each<[unknown, unknown]>([
  [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }],
  [
    [1, { a: 2 }],
    [1, { a: 2 }],
  ],
  ["container zz", /zz$/],
  [undefined, undefined],
])("%j is like %j", (actual, expected) => {
  expectLike(actual, expected);
});

test.each<[unknown, unknown]>([
  [{ a: { b: 1 } }, { a: { b: 2 } }],
  [[1, 2], [1]],
  [undefined, { a: 1 }],
  ["x", /zz$/],
  ["1", 1],
  [new Error("a"), new Error("a")],
])("%j is not like %j", (actual, expected) => {
  expect(() => expectLike(actual, expected)).toThrow(/^it/);
});

test("a promise that does not reject is no rejection", async () => {
  await expect(expectRejection(Promise.resolve(1), {})).rejects.toThrow("has not rejected");
});
