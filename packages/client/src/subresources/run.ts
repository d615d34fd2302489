import { ClientError } from "../errors.ts";
import { createDeferred } from "../session/deferred.ts";
import type { Exit } from "../session/exit.ts";
import type { Output } from "../session/output.ts";
import type { StreamSession } from "../session/session.ts";
import { type Capture, type CapturedOutput, createCapture } from "./capture.ts";
import type { RunOptions } from "./exec.ts";
import { feed } from "./run-stdin.ts";

/** A command that has run. */
export interface RunResult {
  /** The exit code; for a signal 128 and its number, as a shell would say. */
  readonly exitCode: number;
  readonly exit: Exit;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
}

/** Feeds a session, collects what it writes, and makes of its end a result or an error. */
export async function runToEnd(session: StreamSession, options: RunOptions): Promise<RunResult> {
  const { stdin, maxOutputBytes = 67_108_864, keepOutput, check, signal } = options;
  const stdout = createCapture(maxOutputBytes, keepOutput ?? "head");
  const stderr = createCapture(maxOutputBytes, keepOutput ?? "head");
  const output = () => ({ stdout: stdout.result(), stderr: stderr.result() });
  // Of this run alone: a promise that never settles keeps everything that ever raced it.
  const broken = createDeferred<never>();
  if (stdin !== undefined) feed(session, stdin).catch(broken.reject);
  const collectOf = async (channel: Output, capture: Capture): Promise<void> => {
    await collect(channel, capture, keepOutput === undefined);
    if (keepOutput !== undefined || !capture.exceeded) return;
    const message = `the command wrote more than maxOutputBytes (${maxOutputBytes}); raise it, or choose keepOutput`;
    throw new ClientError("LIMIT_EXCEEDED", message, { result: output() });
  };
  await Promise.race([
    broken.promise,
    Promise.all([collectOf(session.stdout, stdout), collectOf(session.stderr, stderr)]),
  ]);
  const exit = await session.exited;
  if (exit.kind === "aborted") throw exit.reason;
  // Its time-out became the session's; the caller gets the reason all the same.
  if (exit.kind === "timedOut") signal?.throwIfAborted();
  const result = { ...output(), exit };
  if (exit.kind !== "exited" && exit.kind !== "signalled") throw failure(exit, result);
  const { code: exitCode } = exit;
  if (exitCode === 0 || !check) return { ...result, exitCode };
  const words = result.stderr.text().trim().slice(0, 1_024);
  throw new ClientError(
    "COMMAND_FAILED",
    `the command ended with exit code ${exitCode}${words && `: ${words}`}`,
    {
      status: exit.status,
      result: { ...result, exitCode },
    },
  );
}

/** Collects up to the end, or to the limit; how it ended is the exit's to say. */
async function collect(output: Output, capture: Capture, whole: boolean): Promise<void> {
  try {
    for await (const chunk of output) {
      capture.push(chunk);
      if (whole && capture.exceeded) return;
    }
  } catch {
    // What broke the session is in its exit.
  }
}

function failure(
  exit: Exclude<Exit, { kind: "exited" | "signalled" | "aborted" }>,
  result: object,
): ClientError {
  const error =
    exit.kind === "detached" ? new ClientError("SESSION_ENDED", "the session was closed") : exit.error;
  const { code, message, status, httpStatus } = error;
  return new ClientError(code, message, { status, httpStatus, result, cause: error });
}
