import { expect, test } from "vitest";
import { connectTerminal, type TerminalOptions } from "../src/index.ts";
import { createTerminal, execOnly, startServer } from "./session-on-terminal.ts";

/** Which of the sequences come through to handlers that were there before. */
async function through(options: TerminalOptions): Promise<number[]> {
  const { exec } = await startServer(
    execOnly(async ({ stdout }) => {
      await stdout.write(
        "\x1b]8;;https://evil.example/\x07text\x1b]8;;\x07\x1b]52;c;Y29weQ==\x07\x1b]2;title\x07",
      );
      return 0;
    }),
  );
  const terminal = createTerminal();
  const seen: number[] = [];
  for (const id of [8, 52, 2]) {
    terminal.parser.registerOscHandler(id, () => {
      seen.push(id);
      return true;
    });
  }
  const connection = connectTerminal(terminal, await exec({ command: ["x"], tty: true }), options);
  await connection.ended;
  connection.dispose();
  await new Promise<void>((resolve) => terminal.write("\x1b]52;c;Y29weQ==\x07", resolve));
  return seen;
}

test("links and the clipboard are not for the process, and the page's own again afterwards", async () => {
  expect(await through({})).toEqual([2, 52]);
});

test("each of them can be allowed", async () => {
  expect(await through({ links: true })).toEqual([8, 8, 2, 52]);
  expect(await through({ clipboard: true })).toEqual([52, 2, 52]);
});

test("what was written before the end of a connection is guarded, however late the terminal looks at it", async () => {
  const { exec } = await startServer(
    execOnly(async ({ stdout }) => {
      await stdout.write("\x1b]52;c;Y29weQ==\x07".repeat(1_000));
      await new Promise(() => {});
      return 0;
    }),
  );
  const terminal = createTerminal();
  let seen = 0;
  terminal.parser.registerOscHandler(52, () => {
    seen += 1;
    return true;
  });
  const write = terminal.write.bind(terminal);
  // As soon as something has been written, and nothing of it looked at.
  const written = new Promise<void>((resolve) => {
    terminal.write = (data, shown) => {
      write(data, shown);
      if (data.length > 0) resolve();
    };
  });
  const connection = connectTerminal(terminal, await exec({ command: ["x"], tty: true }));
  await written;
  connection.dispose();
  await new Promise<void>((resolve) => terminal.write("", resolve));
  expect(seen).toBe(0);
  await new Promise<void>((resolve) => terminal.write("\x1b]52;c;Y29weQ==\x07", resolve));
  expect(seen).toBe(1);
});

test("a terminal that takes nothing more is let go of all the same", async () => {
  const { exec } = await startServer();
  const terminal = createTerminal();
  let seen = 0;
  terminal.parser.registerOscHandler(52, () => {
    seen += 1;
    return true;
  });
  const connection = connectTerminal(terminal, await exec({ command: ["sleep", "60"] }));
  const write = terminal.write.bind(terminal);
  terminal.write = () => {
    throw new Error("full");
  };
  connection.dispose();
  await expect(connection.ended).rejects.toMatchObject({ name: "AbortError" });
  await new Promise<void>((resolve) => write("\x1b]52;c;Y29weQ==\x07", resolve));
  expect(seen).toBe(1);
});
