import { describe, expect, test } from "vitest";
import { installed } from "../../../../tools/checks/src/installation.ts";
import { clientGo } from "./clients.ts";
import { told } from "./programs.ts";
import { judge, startTarget, useTarget } from "./target.ts";

const client = await installed(clientGo);

const execution = [
  { success: ["out", "", 0] },
  { failure: ["out", "err", 3] },
  { input: ["262144", "", 0] },
  { output: 1_048_577 },
  { "no such program": true },
];

describe.skipIf(client.trouble)("client-go", () => {
  const target = useTarget();

  describe.each(["websocket", "spdy", "fallback"])("by %s", (by) => {
    test("runs commands", async () => {
      expect(await told(client, target, "exec", by)).toEqual(execution);
    });

    test("gives a command a terminal, and makes it larger", async () => {
      expect(await told(client, target, "terminal", by)).toEqual([
        { typed: ["you", "hello you"] },
        { "first size": "first" },
        { "second size": "second" },
        { exit: 5 },
      ]);
    });

    test("attaches, and ends the input", async () => {
      expect(await told(client, target, "attach", by)).toEqual([
        { answer: "echo: hello" },
        { "after the end of the input": "bye" },
        { session: 0 },
        { phase: "Failed" },
      ]);
    });
  });

  test.skipIf(judge)("falls back to SPDY where nobody speaks v5", async () => {
    const old = await startTarget("1.29");
    try {
      const [alone] = await told(client, old, "exec", "websocket");
      const refused = "unable to upgrade streaming request: websocket: bad handshake (403 Forbidden)";
      expect(alone).toEqual({ success: ["", "", refused] });
      expect(await told(client, old, "exec", "fallback")).toEqual(execution);
    } finally {
      await old.close();
    }
  });

  test.each(["spdy", "tunnel"])("forwards ports by %s", async (by) => {
    expect(await told(client, target, "forward", by)).toEqual([
      { "second connection": true },
      { "first connection": "ping" },
      { "closed port": true },
      { end: "lost connection to pod" },
    ]);
  });

  test("keeps a copy of objects by an informer, which streams its list", async () => {
    const lists = target.faults?.add({ kind: "delay", ms: 0 }, { verb: "list", resource: "configmaps" });
    expect(await told(client, target, "informer")).toEqual([
      { synced: 1 },
      { event: ["add", "-before", "one"] },
      { event: ["add", "-after", "one"] },
      { event: ["update", "-after", "two"] },
      { event: ["delete", "-before", "one"] },
      { left: 1 },
    ]);
    expect(lists?.met ?? 0).toBe(0);
  });

  test("follows a log to its end", async () => {
    expect(await told(client, target, "logs")).toEqual([
      ...["line 1", "line 2", "line 3", "no end"].map((line) => ({ line })),
      { tail: "no end" },
    ]);
  });

  test("makes and changes objects in protobuf", async () => {
    expect(await told(client, target, "objects")).toEqual([
      { environment: "client-go" },
      { twice: "AlreadyExists" },
      { "wrong name": "Invalid" },
      { missing: "NotFound" },
      { "strategic merge": { app: "objects", tier: "test" } },
      { apply: "yes" },
      { "stale update": "Conflict" },
      { listed: 1 },
    ]);
  });
});
