import { type Audit, must } from "./audit.ts";
import { createDigest } from "./digest.ts";
import { expectLike } from "./likeness.ts";

const verify = true;
const proven = { kind: "exited", source: "marker", complete: "proven" };

/** Commands that prove their own end. */
export const verifiedAudits: readonly Audit[] = [
  must("verified-proof", "let a command prove its output and its exit code", async (bench) => {
    const { exit, exitCode, stdout, stderr } = await bench.run(
      ["sh", "-c", "printf 'a\\0b'; echo err >&2; exit 3"],
      { verify },
    );
    expectLike([exitCode, stdout.text(), stderr.text()], [3, "a\0b", "err\n"]);
    expectLike(exit, { ...proven, code: 3 });
  }),

  must(
    "verified-not",
    "prove nothing where it was not asked for",
    async (bench) => {
      expectLike((await bench.run(["echo", "hi"])).exit, { kind: "exited", complete: "unproven" });
    },
    "status",
  ),

  must("verified-one-output", "prove one output alone", async (bench) => {
    const { exit, stdout } = await bench.run(["sh", "-c", "echo out; echo err >&2"], {
      verify,
      stderr: false,
    });
    expectLike(stdout.text(), "out\n");
    expectLike(exit, { ...proven, code: 0 });
  }),

  must(
    "verified-stdin",
    "leave the command its own stdin, up to its end",
    async (bench) => {
      const { exit, stdout } = await bench.run(["wc", "-c"], { verify, stdin: "x".repeat(1_000_000) });
      expectLike(stdout.text().trim(), "1000000");
      expectLike(exit, { ...proven, code: 0 });
    },
    "half-close",
  ),

  must(
    "verified-stdin-unread",
    "know the end of a command that leaves most of its stdin unread",
    async (bench) => {
      const { exit, stdout } = await bench.run(["head", "-c", "3"], { verify, stdin: "x".repeat(4_000_000) });
      expectLike(stdout.text(), "xxx");
      expectLike(exit, { ...proven, code: 0 });
    },
    "half-close",
  ),

  must("verified-20-mb", "carry 20 MB of anything on both outputs, proven", async (bench) => {
    const session = await bench.exec(
      ["sh", "-c", "head -c 20971520 /dev/urandom | tee /dev/stderr | sha256sum"],
      {
        verify,
      },
    );
    const hash = createDigest();
    const [digest] = await Promise.all([
      session.stdout.text(),
      (async () => {
        for await (const chunk of session.stderr) hash.update(chunk);
      })(),
    ]);
    expectLike(digest.split(" ")[0], await hash.hex());
    expectLike(await session.verified, true);
  }),

  must("verified-missing-program", "say as a shell does that there is no such program", async (bench) => {
    expectLike((await bench.run(["/no/such/program"], { verify })).exitCode, 127);
  }),
];
