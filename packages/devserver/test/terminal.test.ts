import { afterEach, expect, test, vi } from "vitest";

// Other files have what is loaded here, too.
afterEach(() => {
  vi.doUnmock("@lydell/node-pty");
  vi.resetModules();
});

test("a terminal without the optional package is a clear error", async () => {
  vi.resetModules();
  vi.doMock("@lydell/node-pty", () => {
    throw new Error("Cannot find package '@lydell/node-pty'");
  });
  const { startTerminal } = await import("../src/containers/terminal.ts");
  const spec = { command: [], env: {}, root: "/", folder: "/", stdin: true, tty: true, exec: false };
  await expect(startTerminal("/bin/sh", [], spec)).rejects.toMatchObject({
    name: "StartError",
    message: "a terminal was asked for, and the optional package @lydell/node-pty cannot be loaded",
  });
});
