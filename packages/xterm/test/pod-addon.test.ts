import { expect, test } from "vitest";
import { PodAddon } from "../src/index.ts";
import { appears, createTerminal, linesOf, startServer } from "./session-on-terminal.ts";

test("an addon shows its session from when it is loaded until the terminal is gone", async () => {
  const { exec } = await startServer();
  const session = await exec({
    command: ["sh", "-c", "echo hello; read -r line; echo $line"],
    stdin: true,
    tty: true,
  });
  const terminal = createTerminal();
  const addon = new PodAddon(session, { statusLine: false });
  await expect(addon.ended).rejects.toThrow("the addon has not been loaded yet");
  terminal.loadAddon(addon);
  // The echo of what is typed ahead may come into the middle of its line.
  await appears(terminal, /^hello$/m);
  terminal.input("there\r");
  expect(await addon.ended).toMatchObject({ kind: "exited", code: 0 });
  expect(linesOf(terminal).filter((line) => line !== "there")).toEqual(["hello"]);
  expect(() => addon.activate(createTerminal())).toThrow(TypeError);
});

test("a terminal that is disposed leaves the session to others", async () => {
  const { exec } = await startServer();
  const session = await exec({ command: ["sh", "-c", "read -r line; echo $line"], stdin: true });
  const terminal = createTerminal();
  const addon = new PodAddon(session);
  terminal.loadAddon(addon);
  terminal.dispose();
  await expect(addon.ended).rejects.toMatchObject({ name: "AbortError" });
  await session.stdin.write("still here\n");
  expect(await session.stdout.text()).toBe("still here\n");
});
