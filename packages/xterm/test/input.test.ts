import { expect, test } from "vitest";
import { startInput } from "../src/input.ts";
import { createTerminal, execOnly, startServer } from "./session-on-terminal.ts";

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
