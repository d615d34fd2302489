import type { StreamSession } from "@podwire/client";
import { type Audit, must, should } from "./audit.ts";
import { expectLike, expectRejection } from "./likeness.ts";

const inTerminal = { stdin: true, tty: true } as const;

/** Asks a shell for its size until it is this one: sizes come on their own time. */
async function expectSize(session: StreamSession, size: string): Promise<void> {
  const begun = performance.now();
  let seen = "";
  while (performance.now() - begun < 20_000) {
    // What is typed comes back, and is not the answer.
    await session.stdin.write("stty size; sleep 0.05; echo checked-$((1+1))\n");
    const { before } = await session.stdout.until(/checked-2\r\n/, { timeoutMs: 10_000 });
    if (before.includes(size)) return;
    seen = before;
  }
  throw new Error(`the terminal is not ${size}: ${seen}`);
}

/** Commands with a terminal. */
export const terminalAudits: readonly Audit[] = [
  must(
    "terminal-size",
    "give a terminal the size it is told, also later",
    async (bench) => {
      await using session = await bench.exec(["sh"], inTerminal);
      await session.resize(100, 40);
      await expectSize(session, "40 100");
      await session.resize(81, 25);
      await expectSize(session, "25 81");
      expectLike(await session.stderr.text(), "");
      await session.stdin.write("exit 7\n");
      expectLike(await session.exited, { kind: "exited", code: 7 });
    },
    "terminals",
  ),

  must(
    "terminal-first-size",
    "give a terminal its first size",
    async (bench) => {
      await using session = await bench.exec(["sh"], { stdin: true, tty: { width: 90, height: 30 } });
      await expectSize(session, "30 90");
    },
    "terminals",
  ),

  must(
    "terminal-is-one",
    "be a terminal for the command",
    async (bench) => {
      await using session = await bench.exec(
        ["sh", "-c", "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo yes; exit 1"],
        inTerminal,
      );
      expectLike(await session.stdout.text(), "yes\r\n");
    },
    "terminals",
  ),

  must(
    "terminal-interrupt",
    "turn Ctrl-C into a signal",
    async (bench) => {
      await using session = await bench.exec(
        ["sh", "-c", "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.1; done"],
        inTerminal,
      );
      await session.stdout.until("ready", { timeoutMs: 20_000 });
      await session.stdin.write("\x03");
      await session.stdout.until("caught", { timeoutMs: 20_000 });
      expectLike(await session.exited, { kind: "exited", code: 3 });
    },
    "terminals",
  ),

  should(
    "terminal-end-of-input",
    "end a terminal's input by Ctrl-D and keep the output behind it",
    async (bench) => {
      await using session = await bench.exec(["sh", "-c", "cat; sleep 1; echo after"], inTerminal);
      await session.stdin.write("line\n");
      await session.stdout.until("line", { timeoutMs: 20_000 });
      await session.closeStdin();
      expectLike(await session.stdout.text(), /after/);
      expectLike(await session.exited, { kind: "exited", code: 0 });
    },
    "terminals",
    "status",
  ),

  must("terminal-none", "have no size without a terminal", async (bench) => {
    await using session = await bench.exec(["sleep", "60"]);
    await expectRejection(session.resize(80, 24), { name: "TypeError" });
  }),
];
