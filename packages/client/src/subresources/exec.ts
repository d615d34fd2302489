import { checkInteger, checkTimeout } from "../arguments.ts";
import type { Client } from "../client.ts";
import { createDeadline } from "../deadline.ts";
import type { StreamSession } from "../session/session.ts";
import type { KeptPart } from "./capture.ts";
import { type OpenRequest, openSession } from "./open.ts";
import { type RunResult, runToEnd } from "./run.ts";
import { checkStdin, type RunStdin } from "./run-stdin.ts";
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
  readonly stdin?: RunStdin;
  /** Whether an exit code other than 0 rejects with `COMMAND_FAILED`; false by default. */
  readonly check?: boolean;
  /** Most bytes to keep of each channel; 64 MiB by default. More is `LIMIT_EXCEEDED`, unless `keepOutput` is given. */
  readonly maxOutputBytes?: number;
  /** Which part of longer output is kept, while the command runs on to its end. */
  readonly keepOutput?: KeptPart;
  /** Time for the whole run, opening included, in milliseconds; no limit by default. */
  readonly timeoutMs?: number;
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
      const { stdin, maxOutputBytes, keepOutput, timeoutMs, signal } = options;
      checkTimeout("timeoutMs", timeoutMs);
      checkInteger("maxOutputBytes", maxOutputBytes);
      if (stdin !== undefined) checkStdin(stdin);
      if (keepOutput !== undefined && !["head", "tail", "both"].includes(keepOutput)) {
        throw new TypeError('keepOutput must be "head", "tail" or "both"');
      }
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

function checkCommand(command: readonly string[]): void {
  if (!Array.isArray(command) || command.length === 0 || command.some((part) => typeof part !== "string")) {
    throw new TypeError('command must be a non-empty array of strings, such as ["sh", "-c", "ls"]');
  }
}
