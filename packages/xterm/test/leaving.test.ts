import { expect, test } from "vitest";
import { connectTerminal } from "../src/index.ts";
import { appears, createTerminal, linesOf, startServer } from "./session-on-terminal.ts";

test.each(["large", "small"])("leaves what is unread in a %s session, however much", async (kind) => {
  const { exec, execSmall } = await startServer();
  const session = await (kind === "large" ? exec : execSmall)({
    command: ["sh", "-c", "yes | head -c 40000000"],
  });
  const terminal = createTerminal();
  const connection = connectTerminal(terminal, session);
  await appears(terminal, /^y$/m);
  connection.dispose();
  // Time enough for all of it to come, if anybody took it.
  for (let turn = 0; turn < 20; turn += 1) await (await exec({ command: ["true"] })).exited;
  let readBytes = 0;
  for await (const chunk of session.stdout) readBytes += chunk.byteLength;
  const { kind: end, stdout } = await session.exited;
  expect([end, stdout]).toEqual(["exited", { receivedBytes: 40_000_000, discardedBytes: 0 }]);
  expect(readBytes).toBeGreaterThan(20_000_000);
});

test.each(["large", "small"])(
  "is left without loss: a %s session goes on on another terminal",
  async (kind) => {
    const { exec, execSmall } = await startServer();
    const session = await (kind === "large" ? exec : execSmall)({
      command: ["sh", "-c", "echo first; read -r line; echo second; exit 4"],
      stdin: true,
      tty: true,
    });
    const [one, two] = [createTerminal(), createTerminal()];
    const first = connectTerminal(one, session);
    await appears(one, /first/);
    first.dispose();
    first.dispose();
    await expect(first.ended).rejects.toMatchObject({ name: "AbortError" });
    one.input("lost\r");
    expect(one.options.disableStdin).toBe(false);
    const second = connectTerminal(two, session);
    two.input("go\r");
    expect(await second.ended).toMatchObject({ kind: "exited", code: 4 });
    expect(linesOf(one)).toEqual(["first"]);
    expect(linesOf(two)).toEqual(["go", "second", "[exited with code 4]"]);
  },
);

test("throws where somebody else reads a small session, and holds nothing then", async () => {
  const { execSmall } = await startServer();
  const session = await execSmall({ command: ["sh", "-c", "read -r line; echo hello"], stdin: true });
  const reading = session.stderr[Symbol.asyncIterator]().next();
  expect(() => connectTerminal(createTerminal(), session)).toThrow(
    expect.objectContaining({ code: "READER_BUSY" }),
  );
  const hearing = session.stdout[Symbol.asyncIterator]().next();
  await session.stdin.write("go\n");
  expect(await hearing).toMatchObject({ value: new TextEncoder().encode("hello\n") });
  expect(await reading).toMatchObject({ done: true });
});

test("throws where somebody else reads, and holds nothing then", async () => {
  const { exec } = await startServer();
  const terminal = createTerminal();
  const session = await exec({ command: ["sh", "-c", "echo hello; echo there >&2"] });
  const reading = session.stderr.text();
  expect(() => connectTerminal(terminal, session)).toThrow(expect.objectContaining({ code: "READER_BUSY" }));
  expect(await session.stdout.text()).toBe("hello\n");
  expect(await reading).toBe("there\n");
});
