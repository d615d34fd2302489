import { describe, expect, test } from "vitest";
import { installed } from "../../../../tools/checks/src/installation.ts";
import { clientNode } from "./clients.ts";
import { told } from "./programs.ts";
import { useTarget } from "./target.ts";

const client = await installed(clientNode);

describe.skipIf(client.trouble)("client-node", () => {
  const target = useTarget();

  test("runs commands", async () => {
    expect(await told(client, target, "exec")).toEqual([
      { success: ["out", "", "Success", null] },
      { failure: ["out", "err", "Failure", "3"] },
      { input: ["262144", "", "Success", null] },
      { output: 1_048_577 },
      { missing: "Unexpected server response: 404" },
    ]);
  });

  test("gives a command a terminal, and makes it larger", async () => {
    expect(await told(client, target, "terminal")).toEqual([
      { typed: ["you", "hello you"] },
      { "first size": "first" },
      { "second size": "second" },
      { exit: "5" },
    ]);
  });

  test("attaches, and ends the input", async () => {
    expect(await told(client, target, "attach")).toEqual([
      { answer: "echo: hello" },
      { "after the end of the input": "bye" },
      { phase: "Failed" },
    ]);
  });

  test("forwards ports", async () => {
    expect(await told(client, target, "forward")).toEqual([{ echo: true }, { "closed port": true }]);
  });

  test("follows a log to its end", async () => {
    expect(await told(client, target, "logs")).toEqual([
      ...["line 1", "line 2", "line 3", "no end"].map((line) => ({ line })),
      { tail: "no end" },
    ]);
  });

  test("keeps a copy of objects by an informer", async () => {
    expect(await told(client, target, "informer")).toEqual([
      { event: ["add", "-before", "one"] },
      { event: ["add", "-after", "one"] },
      { event: ["update", "-after", "two"] },
      { event: ["delete", "-before", "one"] },
      { left: 1 },
    ]);
  });

  test("copies files to a container and back", async () => {
    expect(await told(client, target, "copy")).toEqual([{ there: true }, { "and back": true }]);
  });
});
