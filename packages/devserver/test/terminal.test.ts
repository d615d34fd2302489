import { execFileSync } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";

const spec = { command: [], env: {}, root: "/", folder: "/", stdin: true, tty: true, exec: false };

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
  await expect(startTerminal("/bin/sh", [], spec)).rejects.toMatchObject({
    name: "StartError",
    message: "a terminal was asked for, and the optional package @lydell/node-pty cannot be loaded",
  });
});

test("a terminal has all of its output after its program's end, however busy its reader is", async () => {
  const { startTerminal } = await import("../src/containers/terminal.ts");
  // As much as the kernel takes of it, so that the program ends.
  const script = "stty -opost; head -c 35000 /dev/zero | tr '\\0' x; printf end";
  const { stdout, exit } = await startTerminal("/bin/sh", ["-c", script], spec);
  const busy = setInterval(() => execFileSync("sleep", ["0.3"]));
  expect(await exit).toEqual({ code: 0 });
  clearInterval(busy);
  expect((await stdout.toArray()).join("")).toBe(`${"x".repeat(35_000)}end`);
});
