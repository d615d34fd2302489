import { checkInteger, checkTimeout } from "../arguments.ts";
import type { Client } from "../client.ts";
import { createDeadline } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { concat } from "../session/concat.ts";
import { createDeferred } from "../session/deferred.ts";
import type { Exit } from "../session/exit.ts";
import type { Output } from "../session/output.ts";
import type { StreamSession } from "../session/session.ts";
import { type OpenRequest, openSession } from "./open.ts";
import { checkStreamOptions, type StreamOptions } from "./stream-options.ts";
import { verifiedRequest } from "./verified.ts";

/** Options of `exec.stream`. */
export interface ExecOptions extends StreamOptions {
  /** Program and arguments; no shell is involved unless it is one. */
  readonly command: readonly string[];
  /**
   * Whether the command proves by itself that all of its output arrived, and with which exit code it ended; false by
   * default. It then runs under a shell program, which needs `sh` in the container and no terminal.
   */
  readonly verify?: boolean;
}

/** Options of `exec.run`. */
export interface RunOptions extends Omit<ExecOptions, "stdin" | "tty"> {
  /** What the command reads, up to its end; needs v5. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array | string>;
  /** Whether an exit code other than 0 rejects with `COMMAND_FAILED`; false by default. */
  readonly check?: boolean;
  /** Most bytes to collect of each channel before `LIMIT_EXCEEDED`; 64 MiB by default. */
  readonly maxOutputBytes?: number;
  /** Time for the whole run, opening included, in milliseconds; no limit by default. */
  readonly timeoutMs?: number;
}

/** What a command wrote. */
export interface CapturedOutput {
  readonly bytes: Uint8Array;
  /** The bytes decoded as UTF-8. */
  text(): string;
}

/** A command that has run. */
export interface RunResult {
  /** The exit code; for a signal 128 and its number, as a shell would say. */
  readonly exitCode: number;
  readonly exit: Exit;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
}

/** The exec subresource: starts a new process in a running container. */
export interface ExecApi {
  /** Starts a command and talks to it; rejects as `attach.stream` does. */
  stream(name: string, options: ExecOptions): Promise<StreamSession>;
  /**
   * Runs a command to its end. An exit code is a value; everything that leaves it or the output unknown rejects
   * with a ClientError whose `result` holds the partial output.
   */
  run(name: string, options: RunOptions): Promise<RunResult>;
}

export function createExecApi(client: Client, collectionOf: (namespace?: string) => string): ExecApi {
  const stream = async (name: string, options: ExecOptions): Promise<StreamSession> => {
    checkStreamOptions(name, options);
    const { command, verify = false } = options;
    checkCommand(command);
    const collection = collectionOf(options.namespace);
    const request: OpenRequest = { kind: "exec", collection, name, command, options };
    return await openSession(client, verify ? verifiedRequest(client, request) : request);
  };
  return {
    stream,
    async run(name, options) {
      const { stdin, maxOutputBytes, timeoutMs, signal } = options;
      checkTimeout("timeoutMs", timeoutMs);
      checkInteger("maxOutputBytes", maxOutputBytes);
      if (stdin !== undefined) checkStdin(stdin);
      const deadline = createDeadline(
        signal,
        timeoutMs,
        () => `the command did not end within ${timeoutMs} ms; it may still be running`,
      );
      try {
        const session = await stream(name, {
          ...options,
          stdin: stdin !== undefined,
          signal: deadline.signal,
        });
        try {
          return await runToEnd(session, options);
        } finally {
          await session.close();
        }
      } finally {
        deadline.dispose();
      }
    },
  };
}

function checkStdin(stdin: NonNullable<RunOptions["stdin"]>): void {
  if (typeof stdin === "string" || stdin instanceof Uint8Array) return;
  if (typeof stdin === "object" && Symbol.asyncIterator in stdin) return;
  throw new TypeError("stdin must be a string, a Uint8Array or an async iterable of these");
}

function checkCommand(command: readonly string[]): void {
  if (!Array.isArray(command) || command.length === 0 || command.some((part) => typeof part !== "string")) {
    throw new TypeError('command must be a non-empty array of strings, such as ["sh", "-c", "ls"]');
  }
}

async function runToEnd(session: StreamSession, options: RunOptions): Promise<RunResult> {
  const limitBytes = options.maxOutputBytes ?? 67_108_864;
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const output = () => ({ stdout: captured(stdout), stderr: captured(stderr) });
  // Of this run alone: a promise that never settles keeps everything that ever raced it.
  const broken = createDeferred<never>();
  if (options.stdin !== undefined) feed(session, options.stdin).catch(broken.reject);
  try {
    await Promise.race([
      broken.promise,
      Promise.all([capture(session.stdout, stdout, limitBytes), capture(session.stderr, stderr, limitBytes)]),
    ]);
  } catch (error) {
    if (!(error instanceof ClientError && error.code === "LIMIT_EXCEEDED")) throw error;
    throw new ClientError(error.code, `the command wrote more than maxOutputBytes (${limitBytes})`, {
      cause: error,
      result: output(),
    });
  }
  const exit = await session.exited;
  if (exit.kind === "aborted") throw exit.reason;
  // Its time-out became the session's; the caller gets the reason all the same.
  if (exit.kind === "timedOut") options.signal?.throwIfAborted();
  const result = { ...output(), exit };
  if (exit.kind === "exited" || exit.kind === "signalled") {
    const { code } = exit;
    if (code === 0 || !options.check) return { ...result, exitCode: code };
    const words = result.stderr.text().trim().slice(0, 1_024);
    throw new ClientError(
      "COMMAND_FAILED",
      `the command ended with exit code ${code}${words && `: ${words}`}`,
      {
        status: exit.status,
        result: { ...result, exitCode: code },
      },
    );
  }
  const { code, message, status, httpStatus } =
    exit.kind === "detached" ? new ClientError("SESSION_ENDED", "the session was closed") : exit.error;
  throw new ClientError(code, message, {
    status,
    httpStatus,
    result,
    ...("error" in exit && { cause: exit.error }),
  });
}

function captured(chunks: readonly Uint8Array[]): CapturedOutput {
  const bytes = concat(chunks);
  return { bytes, text: () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
}

/** Collects up to the end; how it ended is the exit's to say, so only the limit is an error here. */
async function capture(output: Output, chunks: Uint8Array[], limitBytes: number): Promise<void> {
  let length = 0;
  try {
    for await (const chunk of output) {
      chunks.push(chunk.subarray(0, limitBytes - length));
      length += chunk.byteLength;
      if (length > limitBytes) break;
    }
  } catch {
    return;
  }
  if (length > limitBytes) throw new ClientError("LIMIT_EXCEEDED", "too much output");
}

/** Writes all of stdin and ends it; a command that ends without reading everything is no error. */
async function feed(session: StreamSession, stdin: NonNullable<RunOptions["stdin"]>): Promise<void> {
  try {
    if (typeof stdin === "string" || stdin instanceof Uint8Array) await session.stdin.write(stdin);
    else for await (const chunk of stdin) await session.stdin.write(chunk);
    await session.closeStdin();
  } catch (error) {
    if (!(error instanceof ClientError && error.code === "SESSION_ENDED")) throw error;
  }
}
