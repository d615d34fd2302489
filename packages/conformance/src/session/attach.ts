import { type Audit, must, should } from "./audit.ts";
import { expectLike, expectRejection } from "./likeness.ts";

const echo = 'while IFS= read -r line; do printf "echo: %s\\n" "$line"; [ "$line" = bye ] && exit 6; done';
const ticks = "while sleep 0.2; do echo tick; done";
const patient = { timeoutMs: 20_000 };

/** A container's own process. */
export const attachAudits: readonly Audit[] = [
  must(
    "attach-at-once",
    "take a session right after create, and tell the process's exit code",
    async (bench) => {
      const { metadata } = await bench.pods.create(echo, { stdin: true, stdinOnce: true });
      await using session = await bench.attach(metadata.name, { stdin: true });
      await session.stdin.write("hello\n");
      expectLike((await session.stdout.until(/echo: .*\n/, patient)).match, "echo: hello\n");
      await session.stdin.write("bye\n");
      expectLike(await session.stdout.text(), "echo: bye\n");
      expectLike(await session.waitForStatus(), { status: "Success" });
      expectLike(await session.exited, { kind: "exited", code: 6, source: "pod-status" });
    },
    "status",
  ),

  must(
    "attach-detach",
    "detach by a half-close from a container without stdinOnce, which runs on",
    async (bench) => {
      const name = await bench.pods.run(echo, { stdin: true });
      const session = await bench.attach(name, { stdin: true });
      await session.stdin.write("one\n");
      await session.stdout.until("echo: one\n", patient);
      await session.closeStdin();
      expectLike(await session.exited, { kind: "detached", status: { status: "Success" } });
      await using again = await bench.attach(name, { stdin: true });
      await again.stdin.write("two\n");
      await again.stdout.until("echo: two\n", patient);
    },
    "half-close",
  ),

  must(
    "attach-end-of-input",
    "end the input of a container with stdinOnce by a half-close",
    async (bench) => {
      const name = await bench.pods.run("wc -c; exit 4", { stdin: true, stdinOnce: true });
      await using session = await bench.attach(name, { stdin: true });
      await session.stdin.write("12345");
      await session.closeStdin();
      expectLike((await session.stdout.text()).trim(), "5");
      expectLike(await session.exited, { kind: "exited", code: 4, source: "pod-status" });
    },
    "half-close",
  ),

  must("attach-watch", "let somebody only watch a container that has stdin", async (bench) => {
    const name = await bench.pods.run(ticks, { stdin: true });
    await using session = await bench.attach(name);
    await session.stdout.until("tick\ntick\n", patient);
  }),

  should("attach-two", "send both of two watchers the same", async (bench) => {
    const name = await bench.pods.run(ticks, { stdin: true });
    await using first = await bench.attach(name);
    await using second = await bench.attach(name);
    await Promise.all([first, second].map(({ stdout }) => stdout.until("tick\ntick\n", patient)));
  }),

  must("attach-no-stdin", "warn of a container without stdin, and let what is written go", async (bench) => {
    const name = await bench.pods.run(ticks);
    await using session = await bench.attach(name, { stdin: true });
    expectLike(session.warnings, [/created without stdin/]);
    await session.stdin.write("into the void");
    await session.closeStdin();
    await session.stdout.until("tick\n", patient);
  }),

  must(
    "attach-terminal",
    "follow the container's own terminal, whatever was asked for",
    async (bench) => {
      const name = await bench.pods.run("while IFS= read -r line; do stty size; echo told; done", {
        stdin: true,
        tty: true,
      });
      await using session = await bench.attach(name, { stdin: true });
      expectLike(session.tty, true);
      await session.resize(111, 33);
      // Servers tell a terminal its size beside its input, maybe later; busybox's stty fails while there is none.
      for (let seen = ""; !seen.includes("33 111"); ) {
        await session.stdin.write("\n");
        seen = (await session.stdout.until("told\r\n", patient)).before;
      }
      expectLike(await session.stderr.text(), "");
    },
    "terminals",
  ),

  must("attach-ended", "say at once that a Pod has ended, and with which exit code", async (bench) => {
    const { metadata } = await bench.pods.create("exit 9");
    await bench.api.waitFor(metadata.name, ({ status }) => status?.phase === "Failed");
    await expectRejection(bench.attach(metadata.name), { code: "POD_CANNOT_RUN", message: /exit code 9/ });
  }),

  must("attach-deadline", "give up in time, and say what was waited for", async (bench) => {
    const { metadata } = await bench.pods.createUnready();
    const started = performance.now();
    await expectRejection(bench.attach(metadata.name, { requestTimeoutMs: 1_500 }), {
      code: "TIMEOUT",
      message: /did not open within 1500 ms/,
    });
    expectLike(performance.now() - started < 10_000, true, "giving up within 10 s");
  }),

  must("attach-abort", "stop waiting for a Pod by the caller's signal, with its reason", async (bench) => {
    const { metadata } = await bench.pods.createUnready();
    const controller = new AbortController();
    const waiting = bench.attach(metadata.name, { signal: controller.signal });
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    await expectRejection(waiting, reason);
  }),
];
