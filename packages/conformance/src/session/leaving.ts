import { type Audit, must } from "./audit.ts";
import { expectLike, expectRejection, looksLike } from "./likeness.ts";

/** Sessions that end because their caller wants it. */
export const leavingAudits: readonly Audit[] = [
  must("leave-unread", "let a caller leave while 200 MB are unread, within 10 s", async (bench) => {
    const session = await bench.exec(["sh", "-c", "yes | head -c 209715200"]);
    for await (const _ of session.stdout) break;
    const started = performance.now();
    await session.close();
    expectLike(performance.now() - started < 10_000, true, "leaving within 10 s");
    expectLike(await session.exited, { kind: "detached", complete: "incomplete" });
  }),

  must("leave-twice", "take leaving twice for leaving once", async (bench) => {
    const session = await bench.exec(["sleep", "60"]);
    await Promise.all([session.close(), session.close()]);
    await session.close();
    expectLike((await session.exited).kind, "detached");
  }),

  must("leave-running", "not kill the process that was left", async (bench) => {
    const file = `/tmp/podwire-${Math.random().toString(36).slice(2)}`;
    const session = await bench.exec(["sh", "-c", `echo ready; sleep 1; echo survived > ${file}`]);
    await session.stdout.until("ready\n", { timeoutMs: 20_000 });
    await session.close();
    const { stdout } = await bench.run(
      ["sh", "-c", `until [ -s ${file} ]; do sleep 0.1; done; cat ${file}; rm ${file}`],
      {
        timeoutMs: 20_000,
      },
    );
    expectLike(stdout.text(), "survived\n");
  }),

  must("leave-time-out", "end a run whose time is over, and keep what it wrote", async (bench) => {
    const kept = { result: { exit: { kind: "timedOut" }, stdout: { bytes: { byteLength: 8 } } } };
    let error: unknown;
    // Opening is part of it, and a busy server may take all of a short time for that.
    for (const timeoutMs of [3_000, 12_000, 36_000]) {
      const running = bench.run(["sh", "-c", "echo started; sleep 60"], { timeoutMs });
      error = await expectRejection(running, { code: "TIMEOUT" });
      if (looksLike(error, kept)) break;
    }
    expectLike(error, kept);
  }),

  must("leave-abort", "end by the caller's signal, with its reason", async (bench) => {
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error("changed my mind");
    const running = bench.run(["sleep", "60"], { signal });
    await using session = await bench.exec(["sh", "-c", "echo ready; sleep 60"], { signal });
    await session.stdout.until("ready", { timeoutMs: 20_000 });
    controller.abort(reason);
    await expectRejection(running, reason);
    expectLike(await session.exited, { kind: "aborted", reason });
    await expectRejection(session.stdout.text(), reason);
  }),

  must("leave-before", "not begin what was aborted before", async (bench) => {
    const reason = new Error("never mind");
    await expectRejection(bench.exec(["true"], { signal: AbortSignal.abort(reason) }), reason);
  }),
];
