import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { Api, type Client, type ClientConfig, createClient, Pod } from "@podwire/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPods, type TestPods } from "./pods.ts";

/** A server to run the session suite against, and what it can do. */
export interface SessionSuiteOptions {
  readonly config: () => Promise<ClientConfig>;
  /** The same server for somebody with nothing but this token. */
  readonly stranger: (token: string) => Promise<ClientConfig>;
  /** An image with a POSIX shell and sha256sum. */
  readonly image: string;
  /** The subprotocols to offer; the first is what the server is expected to choose. */
  readonly protocols: readonly string[];
  /** Whether the server gives processes terminals. */
  readonly terminals: boolean;
}

const second = 1_000;

/** Attach and exec as their users need them, over one server and one subprotocol. */
export function sessionSuite(name: string, options: SessionSuiteOptions): void {
  const { protocols } = options;
  const halfClose = protocols[0]?.startsWith("v5") ?? false;

  describe(name, { timeout: 60 * second }, () => {
    let client: Client;
    let api: Api<Pod>;
    let pods: TestPods;
    let shell: string;

    beforeAll(async () => {
      client = createClient(await options.config());
      api = new Api(Pod, { client });
      pods = createPods(api, options.image);
      shell = await pods.run("sleep 3600");
    }, 60 * second);

    afterAll(async () => {
      await pods.deleteAll();
      await client.close();
    }, 60 * second);

    const run = (command: readonly string[], more: Record<string, unknown> = {}) =>
      api.exec.run(shell, { command, protocols, ...more });

    describe("exec", () => {
      test("uses the subprotocol that was asked for", async () => {
        await using session = await api.exec.stream(shell, { command: ["true"], protocols });
        expect(session.protocol).toBe(protocols[0]);
        expect(await session.exited).toMatchObject({
          kind: "exited",
          code: 0,
          source: "status",
          closeCode: 1000,
        });
      });

      test("keeps stdout and stderr apart", async () => {
        const result = await run(["sh", "-c", "echo out; echo err >&2"]);
        expect([result.exitCode, result.stdout.text(), result.stderr.text()]).toEqual([0, "out\n", "err\n"]);
      });

      test("passes arguments as they are, without a shell", async () => {
        const result = await run(["printf", "%s|", "a b", "$HOME", "ü", "&=+%20", ""]);
        expect(result.stdout.text()).toBe("a b|$HOME|ü|&=+%20||");
      });

      test.for([0, 3, 255])("reports exit code %i", async (code) => {
        expect((await run(["sh", "-c", `exit ${code}`])).exitCode).toBe(code);
      });

      test("reports a killed process as signalled", async () => {
        const { exit } = await run(["sh", "-c", "kill -9 $$"]);
        expect(exit).toMatchObject({ kind: "signalled", signal: 9, code: 137, source: "status" });
      });

      test("with check, rejects an exit code with the words of stderr", async () => {
        await expect(
          run(["sh", "-c", "echo no such thing >&2; exit 4"], { check: true }),
        ).rejects.toMatchObject({
          code: "COMMAND_FAILED",
          message: expect.stringContaining("no such thing"),
          result: { exitCode: 4 },
        });
      });

      test("says that a missing program failed to start, in the server's words", async () => {
        await using session = await api.exec.stream(shell, { command: ["/no/such/program"], protocols });
        const exit = await session.exited;
        expect(exit).toMatchObject({ kind: "failedToStart", error: { code: "FAILED_TO_START" } });
        expect(await session.waitForStatus()).toMatchObject({
          status: "Failure",
          reason: "InternalError",
          code: 500,
        });
      });

      test("brings 50 MB of output complete", async () => {
        const session = await api.exec.stream(shell, {
          command: ["sh", "-c", "yes podwire | head -c 52428800"],
          protocols,
        });
        const hash = createHash("sha256");
        for await (const chunk of session.stdout) hash.update(chunk);
        expect(await session.exited).toMatchObject({
          code: 0,
          stdout: { receivedBytes: 52_428_800, discardedBytes: 0 },
        });
        expect(hash.digest("hex")).toBe(digestOfYes(52_428_800));
      });

      test("ends by itself when only its end is awaited, whatever it writes", async () => {
        await using session = await api.exec.stream(shell, {
          command: ["sh", "-c", "yes podwire | head -c 33554432; exit 5"],
          protocols,
        });
        const exit = await session.exited;
        expect(exit).toMatchObject({ kind: "exited", code: 5 });
        expect(exit.stdout.receivedBytes).toBe(33_554_432);
        expect(exit.stdout.discardedBytes).toBeGreaterThan(0);
      });

      test("reads stdout while stderr floods unread, and the other way round", async () => {
        for (const [read, unread] of [
          ["stdout", "stderr"],
          ["stderr", "stdout"],
        ] as const) {
          const flood = `yes flood | head -c 20971520 ${unread === "stderr" ? ">&2" : ""}`;
          await using session = await api.exec.stream(shell, {
            command: ["sh", "-c", `${flood}; echo done ${read === "stderr" ? ">&2" : ""}`],
            protocols,
          });
          expect(await session[read].text()).toBe("done\n");
          expect((await session.exited).kind).toBe("exited");
        }
      });

      test("leaves while 200 MB are unread, within a second or two", async () => {
        const session = await api.exec.stream(shell, {
          command: ["sh", "-c", "yes | head -c 209715200"],
          protocols,
        });
        for await (const _ of session.stdout) break;
        const started = performance.now();
        await session.close();
        expect(performance.now() - started).toBeLessThan(3 * second);
        expect((await session.exited).kind).toBe("detached");
      });

      test("stops at maxOutputBytes with LIMIT_EXCEEDED", async () => {
        await expect(run(["yes"], { maxOutputBytes: 100_000 })).rejects.toMatchObject({
          code: "LIMIT_EXCEEDED",
        });
      });

      test("rejects with TIMEOUT when a run takes too long, and keeps what it wrote", async () => {
        const error = run(["sh", "-c", "echo started; sleep 60"], { timeoutMs: 1_500 });
        await expect(error).rejects.toMatchObject({ code: "TIMEOUT" });
      });

      test("rejects with the signal's reason when aborted", async () => {
        const controller = new AbortController();
        const reason = new Error("changed my mind");
        const running = run(["sleep", "60"], { signal: controller.signal });
        await using session = await api.exec.stream(shell, {
          command: ["sh", "-c", "echo ready; sleep 60"],
          protocols,
          signal: controller.signal,
        });
        await session.stdout.until("ready");
        controller.abort(reason);
        await expect(running).rejects.toBe(reason);
        expect(await session.exited).toMatchObject({ kind: "aborted", reason });
      });

      test.runIf(halfClose)("sends 5 MB of stdin, ends it, and gets the digest back", async () => {
        const stdin = Buffer.alloc(5_242_880, "0123456789abcdef");
        const { stdout } = await run(["sha256sum"], { stdin });
        expect(stdout.text().split(" ")[0]).toBe(createHash("sha256").update(stdin).digest("hex"));
      });

      test.runIf(halfClose)("takes stdin from an iterable, and a second closeStdin is harmless", async () => {
        async function* words() {
          yield "one ";
          yield Buffer.from("two ");
          yield "três";
        }
        expect((await run(["cat"], { stdin: words() })).stdout.text()).toBe("one two três");
        await using session = await api.exec.stream(shell, { command: ["cat"], stdin: true, protocols });
        await session.stdin.write("x");
        await Promise.all([session.closeStdin(), session.closeStdin()]);
        expect(await session.stdout.text()).toBe("x");
        await expect(session.stdin.write("late")).rejects.toMatchObject({ code: "SESSION_ENDED" });
      });

      test.runIf(!halfClose)("says that this subprotocol cannot end stdin", async () => {
        await using session = await api.exec.stream(shell, {
          command: ["head", "-c", "3"],
          stdin: true,
          protocols,
        });
        await expect(session.closeStdin()).rejects.toMatchObject({ code: "HALF_CLOSE_UNSUPPORTED" });
        await session.stdin.write("abc");
        expect(await session.stdout.text()).toBe("abc");
        expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
      });

      test.runIf(options.terminals)("gives a terminal its size", async () => {
        await using session = await api.exec.stream(shell, {
          command: ["sh"],
          stdin: true,
          tty: true,
          protocols,
        });
        await session.resize(100, 40);
        await expect
          .poll(
            async () => {
              await session.stdin.write("stty size; echo checked\n");
              const { before } = await session.stdout.until(/checked\r\n/, { timeoutMs: 5_000 });
              return before;
            },
            { timeout: 20 * second },
          )
          .toContain("40 100");
        expect(await session.stderr.text()).toBe("");
        await session.stdin.write("exit 7\n");
        expect(await session.exited).toMatchObject({ kind: "exited", code: 7 });
      });

      test.runIf(options.terminals)("ends a terminal's input with Ctrl-D and keeps its output", async () => {
        await using session = await api.exec.stream(shell, {
          command: ["sh", "-c", "cat; sleep 1; echo after"],
          stdin: true,
          tty: true,
          protocols,
        });
        await session.stdin.write("line\n");
        await session.stdout.until("line");
        await session.closeStdin();
        expect(await session.stdout.text()).toContain("after");
        expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
      });

      test("refuses a size without a terminal", async () => {
        await using session = await api.exec.stream(shell, { command: ["sleep", "60"], protocols });
        await expect(session.resize(80, 24)).rejects.toBeInstanceOf(TypeError);
      });

      test("has the server's own reason for a missing Pod and for a wrong container", async () => {
        await expect(api.exec.stream("no-such-pod", { command: ["true"], protocols })).rejects.toMatchObject({
          code: "NOT_FOUND",
          httpStatus: 404,
          message: 'pods "no-such-pod" not found',
        });
        await expect(run(["true"], { container: "zz" })).rejects.toMatchObject({
          code: "BAD_REQUEST",
          httpStatus: 400,
          status: { reason: "BadRequest" },
          message: `container zz is not valid for pod ${shell}`,
        });
        await expect(
          api.exec.stream("no-such-pod", { command: ["true"], protocols, readPod: false }),
        ).rejects.toMatchObject({
          code: "NOT_FOUND",
          status: { reason: "NotFound", details: { name: "no-such-pod" } },
        });
      });

      test("with a wrong token says UNAUTHORIZED and keeps the token to itself", async () => {
        const token = "secret-token-that-is-wrong";
        const stranger = createClient(await options.stranger(token));
        const denied = new Api(Pod, { client: stranger }).exec.stream(shell, {
          command: ["true"],
          protocols,
          readPod: false,
        });
        await expect(denied).rejects.toMatchObject({ code: "UNAUTHORIZED", httpStatus: 401 });
        const error: unknown = await denied.catch((caught: unknown) => caught);
        expect(inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)).not.toContain(token);
        await stranger.close();
      });
    });

    describe("exec, verified", () => {
      const verify = true;

      test("proves the output and the exit code", async () => {
        const { exit, exitCode, stdout, stderr } = await run(
          ["sh", "-c", "printf 'a\\0b'; echo err >&2; exit 3"],
          { verify },
        );
        expect([exitCode, stdout.text(), stderr.text()]).toEqual([3, "a\0b", "err\n"]);
        expect(exit).toMatchObject({ kind: "exited", code: 3, source: "marker", complete: "proven" });
      });

      test("without verify says that nothing is proven", async () => {
        expect((await run(["echo", "hi"])).exit).toMatchObject({ kind: "exited", complete: "unproven" });
      });

      test.runIf(halfClose)("leaves the command its own stdin, up to its end", async () => {
        const stdin = "x".repeat(1_000_000);
        const { exit, stdout } = await run(["wc", "-c"], { verify, stdin });
        expect(stdout.text().trim()).toBe("1000000");
        expect(exit).toMatchObject({ kind: "exited", code: 0, source: "marker", complete: "proven" });
      });

      test.runIf(halfClose)("knows the end of a command that leaves most of its stdin unread", async () => {
        const stdin = "x".repeat(4_000_000);
        const { exit, stdout } = await run(["head", "-c", "3"], { verify, stdin });
        expect(stdout.text()).toBe("xxx");
        expect(exit).toMatchObject({ kind: "exited", code: 0, complete: "proven" });
      });

      test("carries 20 MB of anything, and a session tells when it is proven", async () => {
        const session = await api.exec.stream(shell, {
          command: ["sh", "-c", "head -c 20971520 /dev/urandom | tee /dev/stderr | sha256sum"],
          protocols,
          verify,
        });
        const hash = createHash("sha256");
        const [digest] = await Promise.all([
          session.stdout.text(),
          (async () => {
            for await (const chunk of session.stderr) hash.update(chunk);
          })(),
        ]);
        expect(digest.split(" ")[0]).toBe(hash.digest("hex"));
        expect(await session.verified).toBe(true);
      });

      test("says so when the container has no such program, as a shell does", async () => {
        expect((await run(["/no/such/program"], { verify })).exitCode).toBe(127);
      });
    });

    describe("attach", () => {
      const echo =
        'while IFS= read -r line; do printf "echo: %s\\n" "$line"; [ "$line" = bye ] && exit 6; done';

      test("right after create waits for the container, talks to its process and knows its exit code", async () => {
        const { metadata } = await pods.create(echo, { stdin: true, stdinOnce: true });
        await using session = await api.attach.stream(metadata.name, { stdin: true, protocols });
        await session.stdin.write("hello\n");
        expect((await session.stdout.until(/echo: .*\n/, { timeoutMs: 10_000 })).match).toBe("echo: hello\n");
        await session.stdin.write("bye\n");
        expect(await session.stdout.text()).toBe("echo: bye\n");
        expect(await session.waitForStatus()).toMatchObject({ status: "Success" });
        expect(await session.exited).toMatchObject({ kind: "exited", code: 6, source: "pod-status" });
      });

      test.runIf(halfClose)(
        "half-closing detaches from a container without stdinOnce, which runs on",
        async () => {
          const name = await pods.run(echo, { stdin: true });
          const session = await api.attach.stream(name, { stdin: true, protocols });
          await session.stdin.write("one\n");
          await session.stdout.until("echo: one\n", { timeoutMs: 10_000 });
          await session.closeStdin();
          expect(await session.exited).toMatchObject({ kind: "detached", status: { status: "Success" } });
          await using again = await api.attach.stream(name, { stdin: true, protocols });
          await again.stdin.write("two\n");
          await again.stdout.until("echo: two\n", { timeoutMs: 10_000 });
        },
      );

      test.runIf(halfClose)("half-closing ends the input of a container with stdinOnce", async () => {
        const name = await pods.run("wc -c; exit 4", { stdin: true, stdinOnce: true });
        await using session = await api.attach.stream(name, { stdin: true, protocols });
        await session.stdin.write("12345");
        await session.closeStdin();
        expect((await session.stdout.text()).trim()).toBe("5");
        expect(await session.exited).toMatchObject({ kind: "exited", code: 4, source: "pod-status" });
      });

      test("only watching works for a container that has stdin", async () => {
        const name = await pods.run("while sleep 0.2; do echo tick; done", { stdin: true });
        await using session = await api.attach.stream(name, { protocols });
        await session.stdout.until("tick\ntick\n", { timeoutMs: 10_000 });
      });

      test("to a container without stdin warns, and what is written is discarded", async () => {
        const name = await pods.run("while sleep 0.2; do echo tick; done");
        await using session = await api.attach.stream(name, { stdin: true, protocols });
        expect(session.warnings).toEqual([expect.stringContaining("created without stdin")]);
        await session.stdin.write("into the void");
        await session.closeStdin();
        await session.stdout.until("tick\n", { timeoutMs: 10_000 });
      });

      test.runIf(options.terminals)(
        "follows the container's own terminal, whatever was asked for",
        async () => {
          const name = await pods.run("stty size; while IFS= read -r line; do stty size; done", {
            stdin: true,
            tty: true,
          });
          await using session = await api.attach.stream(name, { stdin: true, protocols });
          expect(session.tty).toBe(true);
          await session.resize(111, 33);
          await session.stdin.write("\n");
          await expect
            .poll(
              async () => {
                await session.stdin.write("\n");
                return (await session.stdout.until(/\d+ \d+\r\n/, { timeoutMs: 5_000 })).match;
              },
              { timeout: 20 * second },
            )
            .toContain("33 111");
          expect(await session.stderr.text()).toBe("");
        },
      );

      test("to a Pod that has ended says so at once, with its exit code", async () => {
        const { metadata } = await pods.create("exit 9");
        await api.waitFor(metadata.name, ({ status }) => status?.phase === "Failed");
        await expect(api.attach.stream(metadata.name, { protocols })).rejects.toMatchObject({
          code: "POD_CANNOT_RUN",
          message: expect.stringContaining("exit code 9"),
        });
      });

      test("gives up within requestTimeoutMs and says what it was waiting for", async () => {
        const { metadata } = await pods.createUnready();
        const started = performance.now();
        await expect(
          api.attach.stream(metadata.name, { protocols, requestTimeoutMs: 1_500 }),
        ).rejects.toMatchObject({
          code: "TIMEOUT",
          message: expect.stringContaining("did not open within 1500 ms"),
        });
        expect(performance.now() - started).toBeLessThan(10 * second);
      });

      test("rejects with the signal's reason while it waits for the Pod", async () => {
        const { metadata } = await pods.createUnready();
        const controller = new AbortController();
        const waiting = api.attach.stream(metadata.name, { protocols, signal: controller.signal });
        const reason = new Error("no longer wanted");
        controller.abort(reason);
        await expect(waiting).rejects.toBe(reason);
      });
    });
  });
}

function digestOfYes(length: number): string {
  const block = Buffer.alloc(1_048_576 * 8, "podwire\n");
  const hash = createHash("sha256");
  for (let left = length; left > 0; left -= block.byteLength) hash.update(block.subarray(0, left));
  return hash.digest("hex");
}
