import { type Audit, must, should } from "./audit.ts";
import { expectLike, expectRejection } from "./likeness.ts";

/** How a command is started, and what is known of its end. */
export const execAudits: readonly Audit[] = [
  must(
    "exec-protocol",
    "use the subprotocol that was asked for, and close cleanly behind a status",
    async (bench) => {
      await using session = await bench.exec(["true"]);
      expectLike(session.protocol, bench.protocols[0]);
      const exit = await session.exited;
      expectLike(exit, { kind: "exited", code: 0, source: "status", closeCode: 1000 });
    },
    "status",
  ),

  must("exec-arguments", "pass arguments as they are, without a shell", async (bench) => {
    const result = await bench.run(["printf", "%s|", "a b", "$HOME", "ü", "&=+%20", "-n", "a\nb", ""]);
    expectLike(result.stdout.text(), "a b|$HOME|ü|&=+%20|-n|a\nb||");
  }),

  must("exec-long-arguments", "take a command line of 16 KiB", async (bench) => {
    const long = "x".repeat(16_384);
    expectLike((await bench.run(["printf", "%s", long])).stdout.text(), long);
  }),

  ...[0, 1, 3, 125, 255].map((code) =>
    must(`exec-exit-${code}`, `report the exit code ${code}`, async (bench) => {
      expectLike((await bench.run(["sh", "-c", `exit ${code}`])).exitCode, code);
    }),
  ),

  must(
    "exec-signal",
    "report a killed process by 128 and the signal's number",
    async (bench) => {
      const { exit } = await bench.run(["sh", "-c", "kill -9 $$"]);
      expectLike(exit, { kind: "signalled", signal: 9, code: 137, source: "status" });
    },
    "status",
  ),

  must("exec-check", "let a failing command be an error that holds its stderr", async (bench) => {
    await expectRejection(bench.run(["sh", "-c", "echo no such thing >&2; exit 4"], { check: true }), {
      code: "COMMAND_FAILED",
      message: /no such thing/,
      result: { exitCode: 4 },
    });
  }),

  must(
    "exec-missing-program",
    "say that a missing program did not start, and in which words",
    async (bench) => {
      await using session = await bench.exec(["/no/such/program"]);
      expectLike(await session.exited, {
        kind: "failedToStart",
        error: { code: "FAILED_TO_START", message: /\/no\/such\/program/ },
      });
      const status = await session.waitForStatus();
      expectLike(status, { status: "Failure", reason: "InternalError", code: 500 });
    },
    "status",
  ),

  must("exec-many", "run 20 commands at once, each with its own output", async (bench) => {
    const numbers = Array.from({ length: 20 }, (_, index) => String(index));
    const results = await Promise.all(numbers.map((number) => bench.run(["echo", number])));
    expectLike(
      results.map(({ stdout }) => stdout.text()),
      numbers.map((number) => `${number}\n`),
    );
  }),

  should("exec-background", "wait for what the command leaves writing behind it", async (bench) => {
    const { stdout } = await bench.run(["sh", "-c", "(sleep 1; echo later) & echo now"]);
    expectLike(stdout.text(), "now\nlater\n");
  }),
];
