import { type Audit, must } from "./audit.ts";
import { createDigest, repeated } from "./digest.ts";
import { expectLike, expectRejection } from "./likeness.ts";

/** What a command reads. */
export const inputAudits: readonly Audit[] = [
  must("input-echo", "carry what is written to the command, and its answer back", async (bench) => {
    await using session = await bench.exec(["head", "-c", "6"], { stdin: true });
    await session.stdin.write("ab");
    await session.stdin.write(Uint8Array.of(0, 255, 10, 13));
    expectLike([...(await session.stdout.bytes())], [97, 98, 0, 255, 10, 13]);
    expectLike(await session.exited, { kind: "exited", code: 0, stdinBytes: 6 });
  }),

  must("input-unwanted", "give a command without stdin nothing to wait for", async (bench) => {
    expectLike((await bench.run(["cat"])).stdout.text(), "");
  }),

  must(
    "input-5-mb",
    "carry 5 MB and their end",
    async (bench) => {
      const stdin = repeated("0123456789abcdef", 5_242_880);
      const { stdout } = await bench.run(["sha256sum"], { stdin });
      const digest = createDigest();
      digest.update(stdin);
      expectLike(stdout.text().split(" ")[0], await digest.hex());
    },
    "half-close",
  ),

  must(
    "input-both-ways",
    "carry 2 MB there and back at once",
    async (bench) => {
      const stdin = repeated("0123456789abcdef", 2_097_152);
      const { stdout } = await bench.run(["cat"], { stdin });
      expectLike(stdout.text() === new TextDecoder().decode(stdin), true);
    },
    "half-close",
  ),

  must(
    "input-iterable",
    "take stdin in pieces, in order",
    async (bench) => {
      async function* words() {
        yield "one ";
        yield new TextEncoder().encode("two ");
        yield "três";
      }
      expectLike((await bench.run(["cat"], { stdin: words() })).stdout.text(), "one two três");
    },
    "half-close",
  ),

  must(
    "input-closed-twice",
    "take a second end of stdin for the first one",
    async (bench) => {
      await using session = await bench.exec(["cat"], { stdin: true });
      await session.stdin.write("x");
      await Promise.all([session.closeStdin(), session.closeStdin()]);
      expectLike(await session.stdout.text(), "x");
      await expectRejection(session.stdin.write("late"), { code: "SESSION_ENDED" });
    },
    "half-close",
  ),

  must(
    "input-empty",
    "end a stdin that nothing was written to",
    async (bench) => {
      expectLike((await bench.run(["wc", "-c"], { stdin: "" })).stdout.text().trim(), "0");
    },
    "half-close",
  ),

  must(
    "input-no-half-close",
    "say where stdin cannot be ended, and go on",
    async (bench) => {
      await using session = await bench.exec(["head", "-c", "3"], { stdin: true });
      await expectRejection(session.closeStdin(), { code: "HALF_CLOSE_UNSUPPORTED" });
      await session.stdin.write("abc");
      expectLike(await session.stdout.text(), "abc");
      expectLike(await session.exited, { kind: "exited", code: 0 });
    },
    "no half-close",
  ),

  must(
    "input-disconnect",
    "end stdin by leaving, where that was chosen, behind everything written",
    async (bench) => {
      const file = `/tmp/podwire-${Math.random().toString(36).slice(2)}`;
      const session = await bench.exec(["sh", "-c", `cat > ${file}; echo done >> ${file}`], {
        stdin: true,
        halfClose: "disconnect",
      });
      await session.stdin.write("written");
      await session.closeStdin();
      expectLike((await session.exited).kind, "detached");
      const { stdout } = await bench.run(
        ["sh", "-c", `until grep -q done ${file}; do sleep 0.1; done; cat ${file}; rm ${file}`],
        {
          timeoutMs: 20_000,
        },
      );
      expectLike(stdout.text(), "writtendone\n");
    },
    "no half-close",
  ),
];
