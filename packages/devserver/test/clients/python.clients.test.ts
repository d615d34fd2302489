import { describe, expect, test } from "vitest";
import { installed } from "../../../../tools/checks/src/installation.ts";
import { pythonClient } from "./clients.ts";
import { told } from "./programs.ts";
import { useTarget } from "./target.ts";

const client = await installed(pythonClient);

describe.skipIf(client.trouble)("kubernetes, of Python, which verifies strictly", () => {
  const target = useTarget();

  test("runs commands", async () => {
    expect(await told(client, target, "exec")).toEqual([
      { failure: ["out\n", "err\n", 3] },
      { success: ["out\n", 0] },
      { input: ["v5.channel.k8s.io", "262144", 0] },
      { output: [1_048_576, 0] },
      { preloaded: "whole\n" },
      { missing: true },
    ]);
  });

  test("gives a command a terminal, and makes it larger", async () => {
    expect(await told(client, target, "terminal")).toEqual([
      { typed: ["you", "hello you"] },
      { "first size": "first" },
      { "second size": "second" },
      { exit: 5 },
    ]);
  });

  test("attaches, and ends the input", async () => {
    expect(await told(client, target, "attach")).toEqual([
      { answer: "echo: hello" },
      { "after the end of the input": "bye\n" },
      { session: 0 },
      { phase: "Failed" },
    ]);
  });

  test("forwards ports", async () => {
    expect(await told(client, target, "forward")).toEqual([
      { echo: true },
      { error: null },
      { "closed port's bytes": 0 },
      { "closed port": true },
    ]);
  });

  test("watches objects, also from a version on", async () => {
    expect(await told(client, target, "changes")).toEqual([
      { event: ["ADDED", "-before", "one"] },
      { event: ["ADDED", "-after", "one"] },
      { event: ["MODIFIED", "-after", "two"] },
      { event: ["DELETED", "-before", "one"] },
      { listed: 1 },
      { "later event": ["MODIFIED", "-after", "three"] },
      { twice: [409, "Conflict"] },
    ]);
  });

  test("follows a log, whose last line it leaves out when that has no end", async () => {
    expect(await told(client, target, "logs")).toEqual([
      ...["line 1", "line 2", "line 3"].map((line) => ({ line })),
      { tail: "no end" },
    ]);
  });
});
