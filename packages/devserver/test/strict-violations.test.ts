import { createDevServer } from "@podwire/devserver";
import { expect, test, vi } from "vitest";
import { createReporter, createViolations } from "../src/strict/violation.ts";
import { createRequests, shell } from "./requests.ts";
import { openSession } from "./sessions.ts";

const request = (query: string) => ({
  method: "GET",
  path: "/api/v1/namespaces/default/pods/web/exec",
  query: new URLSearchParams(query),
  protocol: "websocket" as const,
  verb: "get" as const,
  group: "",
  resource: "pods",
  subresource: "exec",
  namespace: "default",
  name: "web",
});

test("the first thousand are kept, and all are counted", () => {
  const violations = createViolations();
  for (let session = 1; session <= 1_002; session++) {
    createReporter(session, request("stdout=true"), violations.add)("early");
  }
  expect([violations.kept.length, violations.kept.at(-1)?.session, violations.count]).toEqual([
    1_000, 1_000, 1_002,
  ]);
});

test("fewer are kept of requests that are long", () => {
  const violations = createViolations();
  for (let session = 1; session <= 10; session++) {
    createReporter(session, request(`command=${"x".repeat(1_000_000)}`), violations.add)("early");
  }
  expect([violations.kept.length, violations.count]).toEqual([4, 10]);
});

test("a server says how many there have been", async () => {
  await using server = await createDevServer({ strict: true });
  await createRequests(server).run("web", shell("sleep 1000"));
  for (const count of [1, 2]) {
    const session = await openSession(server, "web/exec?command=cat&stdin=true&stdout=true");
    session.socket.send("\0a");
    session.socket.close();
    await session.closed;
    await vi.waitFor(
      () => expect([server.violations.length, server.violationCount]).toEqual([count, count]),
      10_000,
    );
  }
});
