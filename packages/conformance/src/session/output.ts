import type { StreamSession } from "@podwire/client";
import { type Audit, must } from "./audit.ts";
import { createDigest, repeated } from "./digest.ts";
import { expectLike, expectRejection } from "./likeness.ts";

/** What a command writes, and who reads it. */
export const outputAudits: readonly Audit[] = [
  must("output-apart", "keep stdout and stderr apart", async (bench) => {
    const result = await bench.run(["sh", "-c", "echo out; echo err >&2"]);
    expectLike([result.exitCode, result.stdout.text(), result.stderr.text()], [0, "out\n", "err\n"]);
  }),

  must("output-every-byte", "carry every byte there is", async (bench) => {
    const script = 'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %03o $i)"; i=$((i+1)); done';
    const { stdout } = await bench.run(["sh", "-c", script]);
    expectLike(
      [...stdout.bytes],
      Array.from({ length: 256 }, (_, index) => index),
    );
  }),

  must("output-none", "end outputs that were never written to", async (bench) => {
    const { stdout, stderr } = await bench.run(["true"]);
    expectLike([stdout.bytes.byteLength, stderr.bytes.byteLength], [0, 0]);
  }),

  must("output-unwanted", "send nothing on an output that was not asked for", async (bench) => {
    const { stdout, stderr } = await bench.run(["sh", "-c", "echo out; echo err >&2"], { stderr: false });
    expectLike([stdout.text(), stderr.text()], ["out\n", ""]);
  }),

  must("output-50-mb", "bring 50 MB complete", async (bench) => {
    const session = await bench.exec(yesUntilRead(52_428_800), { stdin: true });
    expectLike(await digestOfRead(session, session.stdout, 52_428_800), await digestOfYes(52_428_800));
    const exit = await session.exited;
    expectLike(exit, { code: 0, stdout: { receivedBytes: 52_428_800, discardedBytes: 0 } });
  }),

  must("output-web-stream", "bring the same through a web stream", async (bench) => {
    const session = await bench.exec(yesUntilRead(8_388_608), { stdin: true });
    expectLike(await digestOfRead(session, session.stdout.readable, 8_388_608), await digestOfYes(8_388_608));
    await session.close();
  }),

  must(
    "output-lines",
    "come as lines and up to a pattern, with the rest behind it still there",
    async (bench) => {
      await using session = await bench.exec(["sh", "-c", "printf 'one\\ntwo: 2\\nthree\\nfour'"]);
      for await (const line of session.stdout.lines()) {
        expectLike(line, "one");
        break;
      }
      const { before, groups } = await session.stdout.until(/: (\d)\n/, { timeoutMs: 20_000 });
      expectLike([before, ...groups], ["two", "2"]);
      expectLike(await session.stdout.text(), "three\nfour");
    },
  ),

  must("output-unread", "let a command end whose end alone is awaited, whatever it writes", async (bench) => {
    await using session = await bench.exec(["sh", "-c", "yes podwire | head -c 33554432; exit 5"]);
    const exit = await session.exited;
    expectLike(exit, { kind: "exited", code: 5, complete: "incomplete" });
    expectLike(exit.stdout.receivedBytes, 33_554_432);
    expectLike(exit.stdout.discardedBytes > 0, true);
  }),

  ...(["stdout", "stderr"] as const).map((read) =>
    must(
      `output-flood-beside-${read}`,
      `let ${read} be read while the other output floods unread`,
      async (bench) => {
        const flood = `yes flood | head -c 20971520 ${read === "stdout" ? ">&2" : ""}`;
        await using session = await bench.exec([
          "sh",
          "-c",
          `${flood}; echo done ${read === "stderr" ? ">&2" : ""}`,
        ]);
        expectLike(await session[read].text(), "done\n");
        expectLike((await session.exited).kind, "exited");
      },
    ),
  ),

  must("output-limit", "stop a run at its limit of output", async (bench) => {
    await expectRejection(bench.run(["yes"], { maxOutputBytes: 100_000 }), { code: "LIMIT_EXCEEDED" });
  }),

  must(
    "output-kept-part",
    "keep the head and the tail of a long output, and say how much is between",
    async (bench) => {
      const { exitCode, stdout } = await bench.run(
        ["sh", "-c", "echo first; yes | head -c 5000000; echo last; exit 2"],
        {
          maxOutputBytes: 1_000,
          keepOutput: "both",
        },
      );
      expectLike([exitCode, /^first\n/.test(stdout.text()), /last\n$/.test(stdout.text())], [2, true, true]);
    },
  ),
];

/** Ends when it is told that all has come: a real server may lose what is not read yet when a command ends. */
function yesUntilRead(bytes: number): string[] {
  return ["sh", "-c", `yes podwire | head -c ${bytes}; read -r _`];
}

/** Reads an output to its end, and tells the command when there were so many bytes. */
async function digestOfRead(
  { stdin }: StreamSession,
  output: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<string> {
  const hash = createDigest();
  let left = bytes;
  for await (const chunk of output) {
    hash.update(chunk);
    left -= chunk.byteLength;
    if (left === 0) await stdin.write("\n");
  }
  return hash.hex();
}

function digestOfYes(length: number): Promise<string> {
  const digest = createDigest();
  digest.update(repeated("podwire\n", length));
  return digest.hex();
}
