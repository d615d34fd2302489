import { expect, test, vi } from "vitest";
import { startTerminal } from "../src/containers/terminal.ts";

test("a terminal without the optional package is a clear error", async () => {
  vi.doMock("@lydell/node-pty", () => {
    throw new Error("Cannot find package '@lydell/node-pty'");
  });
  const spec = { command: [], env: {}, root: "/", folder: "/", stdin: true, tty: true, exec: false };
  await expect(startTerminal("/bin/sh", [], spec)).rejects.toMatchObject({
    name: "StartError",
    message: "a terminal was asked for, and the optional package @lydell/node-pty cannot be loaded",
  });
});
