import { expect, test } from "vitest";
import { connectTerminal } from "../src/index.ts";
import { appears, createTerminal, execOnly, linesOf, startServer } from "./session-on-terminal.ts";

const shell = { command: ["sh"], stdin: true, tty: true };

test("shows what a process writes, to the last byte, and then how it ended", async () => {
  const { exec } = await startServer();
  const terminal = createTerminal({ scrollback: 20_001 });
  const session = await exec({ command: ["sh", "-c", "seq 1 20000; exit 3"], tty: true });
  const { ended } = connectTerminal(terminal, session);
  expect(await ended).toMatchObject({ kind: "exited", code: 3 });
  const lines = linesOf(terminal);
  expect(lines.pop()).toBe("[exited with code 3]");
  expect(lines).toEqual(Array.from({ length: 20_000 }, (_, index) => String(index + 1)));
});

test("shows a small session, too, in which one types", async () => {
  const { execSmall } = await startServer();
  const terminal = createTerminal({ cols: 90, rows: 30 });
  const { ended } = connectTerminal(terminal, await execSmall(shell));
  terminal.input("until [ \"$(stty size)\" = '30 90' ]; do :; done; exit 7\r");
  expect(await ended).toMatchObject({ kind: "exited", code: 7 });
  expect(linesOf(terminal).at(-1)).toBe("[exited with code 7]");
});

test("sends what is typed, and what the terminal itself answers", async () => {
  const { exec } = await startServer();
  const terminal = createTerminal();
  const session = await exec(shell);
  const { ended } = connectTerminal(terminal, session);
  // The terminal says where its cursor is: ESC [ row ; column R.
  terminal.input("stty raw -echo; printf '\\033[6n'; head -c 6 | tail -c 5 | tr '[;R' '(,)'; exit\r");
  await ended;
  expect(linesOf(terminal).join("\n")).toMatch(/\(\d,\d\)/);
});

test("says its size at first, and the last of several", async () => {
  const { exec } = await startServer();
  const terminal = createTerminal({ cols: 90, rows: 30 });
  const session = await exec({
    command: ["sh", "-c", "while :; do stty size; sleep 0.05; done"],
    stdin: true,
    tty: true,
  });
  const sizes: [number, number][] = [];
  const { stdin, stdout, stderr, tty, exited } = session;
  const resize = (width: number, height: number): Promise<void> => {
    sizes.push([width, height]);
    return session.resize(width, height);
  };
  const { ended } = connectTerminal(terminal, { stdin, stdout, stderr, tty, exited, resize });
  await appears(terminal, /^30 90$/m);
  for (const cols of [91, 92, 93, 94]) terminal.resize(cols, 31);
  await appears(terminal, /^31 94$/m);
  terminal.input("\x03");
  expect(await ended).toMatchObject({ kind: "signalled", signal: 2 });
  expect(sizes).toEqual([
    [90, 30],
    [94, 31],
  ]);
});

test("tells a process without a terminal no size, and shows its lines as lines", async () => {
  const { exec } = await startServer();
  const terminal = createTerminal();
  const session = await exec({ command: ["sh", "-c", "echo one; echo two; echo three >&2"] });
  await connectTerminal(terminal, session).ended;
  terminal.resize(100, 30);
  expect(linesOf(terminal).sort()).toEqual(["[exited with code 0]", "one", "three", "two"]);
});

test("shows characters that are cut at every byte, of two channels at once", async () => {
  const text = "a€🙂é".repeat(3);
  const bytes = new TextEncoder().encode(text);
  const { exec } = await startServer(
    execOnly(async ({ stdout, stderr }) => {
      for (const byte of bytes) {
        await stdout.write(Uint8Array.of(byte));
        await stderr.write(Uint8Array.of(byte));
      }
      return 0;
    }),
  );
  const terminal = createTerminal();
  await connectTerminal(terminal, await exec({ command: ["x"] }), { statusLine: false }).ended;
  const shown = linesOf(terminal).join("");
  expect(shown).not.toContain("\ufffd");
  expect(Array.from(shown).sort()).toEqual(Array.from(text + text).sort());
});

test("shows characters of a terminal that are cut at every byte", async () => {
  const { exec } = await startServer(
    execOnly(async ({ stdout }) => {
      for (const byte of new TextEncoder().encode("a€🙂é")) await stdout.write(Uint8Array.of(byte));
      return 0;
    }),
  );
  const terminal = createTerminal();
  await connectTerminal(terminal, await exec({ command: ["x"], tty: true }), { statusLine: false }).ended;
  expect(linesOf(terminal)).toEqual(["a€🙂é"]);
});

test("takes no more than the terminal can show", async () => {
  const { exec } = await startServer(
    execOnly(async ({ args, stdout }) => {
      if (args[0] === "short") return 0;
      for (let line = 0; line < 200; line += 1) await stdout.write("y".repeat(20_000));
      return 0;
    }),
  );
  const terminal = createTerminal();
  // As in a page that nobody looks at, the terminal takes in nothing until it is let.
  let held: { bytes: number; show: () => void }[] = [];
  let heldBytes = 0;
  let wake = (): void => {};
  const write = terminal.write.bind(terminal);
  terminal.write = (data, shown) => {
    heldBytes += data.length;
    held.push({ bytes: data.length, show: () => write(data, shown) });
    wake();
  };
  const holds = (bytes: number): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        if (heldBytes > bytes) resolve();
      };
      wake();
    });
  const { ended } = connectTerminal(terminal, await exec({ command: ["long"], tty: true }));
  await holds(524_288);
  // Nothing moves any more, though others get their answers meanwhile.
  for (let turn = 0; turn < 3; turn += 1) await (await exec({ command: ["short"] })).exited;
  expect(heldBytes).toBeLessThanOrEqual(524_288 + 65_536);
  // Nor until 128 KiB are left; then it goes on.
  let left = heldBytes;
  const before = heldBytes;
  while (left > 131_072) {
    expect(heldBytes).toBe(before);
    const [next] = held.splice(0, 1);
    next?.show();
    left -= next?.bytes ?? 0;
    await (await exec({ command: ["short"] })).exited;
  }
  await holds(before);
  terminal.write = write;
  for (const { show } of held.splice(0)) show();
  held = [];
  expect(await ended).toMatchObject({ kind: "exited", code: 0, stdout: { receivedBytes: 4_000_000 } });
});

test("sends Ctrl-C through a flood", async () => {
  const { exec } = await startServer();
  const terminal = createTerminal();
  const session = await exec({ command: ["yes"], stdin: true, tty: true });
  let shownBytes = 0;
  const write = terminal.write.bind(terminal);
  terminal.write = (data, shown) =>
    write(data, () => {
      // Not before there was more than fits into any of the buffers.
      const before = shownBytes;
      shownBytes += data.length;
      if (before <= 4_000_000 && shownBytes > 4_000_000) terminal.input("\x03");
      shown?.();
    });
  expect(await connectTerminal(terminal, session).ended).toMatchObject({ kind: "signalled", signal: 2 });
}, 30_000);

test("tidies up behind a process that is gone, and says so in words of the caller", async () => {
  const { exec } = await startServer(
    execOnly(async ({ stdout }) => {
      await stdout.write("before\r\n\x1b[?1049h\x1b[?1000h\x1b[?2004h\x1b[?25l\x1b[31mfull screen");
      return 137;
    }),
  );
  const terminal = createTerminal();
  const session = await exec({ command: ["x"], tty: true });
  await connectTerminal(terminal, session, { statusLine: ({ kind }) => `over: ${kind}\x1b[2J` }).ended;
  expect(terminal.buffer.active.type).toBe("normal");
  expect(terminal.modes).toMatchObject({ mouseTrackingMode: "none", bracketedPasteMode: false });
  expect(linesOf(terminal)).toEqual(["before", "[over: signalled [2J]"]);
});

test("refuses marks that make no sense", async () => {
  const { exec } = await startServer();
  const session = await exec({ command: ["true"] });
  const connect = (highWaterBytes: number, lowWaterBytes: number) => () =>
    connectTerminal(createTerminal(), session, { highWaterBytes, lowWaterBytes });
  for (const [high, low] of [
    [1, 1],
    [10, -1],
    [Number.NaN, 1],
    [1.5, 1],
  ] as const) {
    expect(connect(high, low)).toThrow(RangeError);
  }
  await session.exited;
});
