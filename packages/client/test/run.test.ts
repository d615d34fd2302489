import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Api, createClient, Pod, type RunStdin } from "../src/index.ts";

let server: DevServer;
let pods: Api<Pod>;

beforeAll(async () => {
  server = await createDevServer();
  pods = new Api(Pod, { client: createClient(server.config) });
  await pods.create({
    metadata: { name: "shell" },
    spec: { containers: [{ name: "main", image: "busybox:1.36", command: ["sleep", "3600"] }] },
  });
});

afterAll(() => server.close());

const sh = (script: string) => ["sh", "-c", script];

describe("stdin of exec.run", () => {
  const bytes = new TextEncoder().encode("three");

  const sources: readonly (readonly [string, () => RunStdin])[] = [
    ["a string", () => "three"],
    ["bytes", () => bytes],
    ["an array", () => ["th", "ree"]],
    [
      "an async generator",
      async function* () {
        yield "th";
        yield bytes.subarray(2);
      },
    ],
    [
      "a web stream",
      () =>
        new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(bytes);
            controller.close();
          },
        }),
    ],
    ["nothing at all", () => ""],
  ];

  test.for(sources)("may be %s, and is ended", async ([kind, make]) => {
    const { stdout } = await pods.exec.run("shell", { command: ["cat"], stdin: make() });
    expect(stdout.text()).toBe(kind === "nothing at all" ? "" : "three");
  });

  test("may be endless: a command that ends early is no error, and the stream is told", async () => {
    let cancelled = false;
    const stdin = new ReadableStream<string>({
      pull: (controller) => controller.enqueue("x".repeat(10_000)),
      cancel() {
        cancelled = true;
      },
    });
    const { stdout, exitCode } = await pods.exec.run("shell", { command: ["head", "-c", "3"], stdin });
    expect([stdout.text(), exitCode]).toEqual(["xxx", 0]);
    await expect.poll(() => cancelled, { timeout: 10_000 }).toBe(true);
  });

  test("that breaks rejects with its own error", async () => {
    const broken = new Error("the disk is gone");
    async function* stdin() {
      yield "x";
      throw broken;
    }
    await expect(pods.exec.run("shell", { command: ["cat"], stdin: stdin() })).rejects.toBe(broken);
  });
});

describe("output of exec.run", () => {
  const command = sh("for i in 1 2 3 4 5; do printf 0123456789; done; echo lost >&2; exit 2");

  test("beyond maxOutputBytes is an error with what was collected", async () => {
    await expect(pods.exec.run("shell", { command, maxOutputBytes: 12 })).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
      result: { stdout: { totalBytes: expect.any(Number) } },
    });
  });

  test.for([
    ["head", "012345678901"],
    ["tail", "890123456789"],
    ["both", "012345456789"],
  ] as const)(
    "keeps its %s when that is asked for, counts the rest and ends by itself",
    async ([keepOutput, text]) => {
      const result = await pods.exec.run("shell", { command, maxOutputBytes: 12, keepOutput });
      expect(result.stdout.text()).toBe(text);
      expect(result.stdout).toMatchObject({ totalBytes: 50, omittedBytes: 38 });
      expect(result.stderr).toMatchObject({ totalBytes: 5, omittedBytes: 0 });
      expect(result.exitCode).toBe(2);
    },
  );

  test("up to a time-out is in the error", async () => {
    let timeoutMs = 500;
    // How long it takes until there is any is the machine's affair.
    await vi.waitFor(async () => {
      timeoutMs *= 2;
      const error = pods.exec.run("shell", { command: sh("echo begun; sleep 60"), timeoutMs });
      await expect(error).rejects.toMatchObject({
        code: "TIMEOUT",
        result: { stdout: { totalBytes: 6 }, exit: { kind: "timedOut", complete: "incomplete" } },
      });
    }, 18_000);
  });
});
