import { expect, test } from "vitest";
import { connectTerminal } from "../src/index.ts";
import { startInput } from "../src/input.ts";
import { appears, createTerminal, execOnly, linesOf, startServer } from "./session-on-terminal.ts";

test("binary reports are bytes, text is UTF-8, and both are in order", async () => {
  const received: number[] = [];
  const { exec } = await startServer(
    execOnly(async ({ stdin }) => {
      for await (const chunk of stdin) received.push(...chunk);
      return 0;
    }),
  );
  const session = await exec({ command: ["x"], stdin: true });
  const terminal = createTerminal();
  let report = (_bytes: string): void => {};
  const input = startInput(
    {
      onData: terminal.onData,
      // The headless terminal has no mouse that could make one.
      onBinary(listener) {
        report = listener;
        return { dispose: () => {} };
      },
    },
    session,
    (error) => expect.unreachable(String(error)),
  );
  terminal.input("é");
  report("\x1b[M\xe8\xff\x00");
  terminal.input("z");
  input.dispose();
  terminal.input("after");
  await session.closeStdin();
  await session.exited;
  expect(received).toEqual([0xc3, 0xa9, 0x1b, 0x5b, 0x4d, 0xe8, 0xff, 0x00, 0x7a]);
});

test("sends a long paste whole and in order, with what is typed behind it", async () => {
  const digests: string[] = [];
  const { exec } = await startServer(
    execOnly(async ({ stdin }) => {
      let text = "";
      const decoder = new TextDecoder();
      for await (const chunk of stdin) text += decoder.decode(chunk, { stream: true });
      digests.push(text);
      return 0;
    }),
  );
  const terminal = createTerminal();
  const session = await exec({ command: ["x"], stdin: true });
  const { ended } = connectTerminal(terminal, session);
  const pasted = Array.from({ length: 400_000 }, (_, index) => `${index} €`).join("\r");
  terminal.input(pasted);
  terminal.input("end");
  await session.closeStdin();
  await ended;
  expect(digests[0] === `${pasted}end`).toBe(true);
});

test("keeps no more than 4,096 pieces for a process that asks and asks, and never reads", async () => {
  const { exec } = await startServer(
    execOnly(async ({ stdout, signal }) => {
      for (let round = 0; round < 10; round += 1) await stdout.write("\x1b[6n".repeat(1_000));
      await stdout.write("asked");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return 0;
    }),
  );
  const terminal = createTerminal();
  const session = await exec({ command: ["x"], stdin: true, tty: true });
  const { stdout, stderr, tty, exited, resize } = session;
  let waiting = 0;
  const stdin = {
    writable: session.stdin.writable,
    write() {
      waiting += 1;
      return new Promise<void>(() => {});
    },
  };
  connectTerminal(terminal, { stdin, stdout, stderr, tty, exited, resize });
  await appears(terminal, /asked/);
  expect(waiting).toBe(4_096);
});

test("goes on taking keys, however many", async () => {
  const texts: string[] = [];
  const { exec } = await startServer(
    execOnly(async ({ stdin }) => {
      for await (const chunk of stdin) texts.push(new TextDecoder().decode(chunk));
      return 0;
    }),
  );
  const terminal = createTerminal();
  const session = await exec({ command: ["x"], stdin: true });
  const { ended } = connectTerminal(terminal, session);
  for (let count = 0; count < 10_000; count += 1) {
    terminal.input("k");
    if (count % 1_000 === 0) await session.stdin.write("");
  }
  await session.closeStdin();
  await ended;
  expect(texts.join("")).toBe("k".repeat(10_000));
});

test("says when typing is not possible, and goes on showing", async () => {
  let goOn = (): void => {};
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const { exec } = await startServer(
    execOnly(async ({ stdout }) => {
      await stdout.write("ready\r\n");
      await told;
      await stdout.write("done\r\n");
      return 0;
    }),
  );
  const terminal = createTerminal();
  const session = await exec({ command: ["x"], tty: true });
  const { ended } = connectTerminal(terminal, session);
  await appears(terminal, /ready/);
  terminal.input("x");
  terminal.input("y");
  await appears(terminal, /stdin was not requested/);
  goOn();
  await ended;
  expect(linesOf(terminal)).toEqual([
    "ready",
    "[stdin was not requested; pass stdin: true to attach or exec]",
    "done",
    "[exited with code 0]",
  ]);
  expect(terminal.options.disableStdin).toBe(true);
});

test("sends nothing where input is not wanted, and the terminal takes none", async () => {
  const { exec } = await startServer();
  const terminal = createTerminal();
  const session = await exec({ command: ["sh", "-c", "read -r line; echo $line"], stdin: true, tty: true });
  const connection = connectTerminal(terminal, session, { input: false });
  expect(terminal.options.disableStdin).toBe(true);
  terminal.input("typed\r");
  await session.stdin.write("written\r");
  await connection.ended;
  expect(linesOf(terminal)).toContain("written");
  expect(linesOf(terminal)).not.toContain("typed");
  connection.dispose();
  expect(terminal.options.disableStdin).toBe(false);
});
