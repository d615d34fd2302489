import { CodecError, exitCodeOf, type Status } from "@podwire/codec";
import type { CloseInfo } from "@podwire/transport";
import { ClientError } from "../errors.ts";
import type { ChannelBytes } from "./output-channel.ts";

/** What every way of ending carries. */
export interface ExitFacts {
  /** The server's last word on channel 3, when there was one. */
  readonly status?: Status;
  /** Close code of RFC 6455; absent when the connection was not closed by then. */
  readonly closeCode?: number;
  readonly stdout: ChannelBytes;
  readonly stderr: ChannelBytes;
  /** Bytes of stdin handed to the transport. */
  readonly stdinBytes: number;
}

/** How a session ended. */
export type Exit = ExitFacts &
  (
    | { readonly kind: "exited"; readonly code: number; readonly source: ExitSource }
    | {
        readonly kind: "signalled";
        /** The signal's number, decoded from an exit code above 128: a shell's `exit 137` looks the same. */
        readonly signal: number;
        readonly code: number;
        readonly source: ExitSource;
        /** Whether the Pod says that the kernel ran out of memory for it. */
        readonly oomKilled: boolean;
      }
    | { readonly kind: "failedToStart"; readonly error: ClientError }
    | { readonly kind: "failed"; readonly error: ClientError }
    | { readonly kind: "endedWithoutStatus"; readonly error: ClientError }
    | { readonly kind: "connectionLost"; readonly error: ClientError }
    | { readonly kind: "limitExceeded"; readonly error: ClientError }
    | { readonly kind: "timedOut"; readonly error: ClientError }
    | { readonly kind: "aborted"; readonly reason: unknown }
    | { readonly kind: "detached" }
  );

/** Who said the exit code: the status channel (exec) or the Pod's status (attach). */
export type ExitSource = "status" | "pod-status";

/** How a session ended from this side, where it did. */
export type LocalEnd =
  | { readonly kind: "closed" }
  | { readonly kind: "aborted"; readonly reason: unknown }
  | { readonly kind: "failed"; readonly error: ClientError };

export interface ExitInput {
  readonly facts: ExitFacts;
  readonly close: CloseInfo;
  readonly statusError: CodecError | undefined;
  readonly local: LocalEnd | undefined;
}

/** An exit code as an exit, with codes above 128 read as signals (128 + number). */
export function exitOfCode(
  facts: ExitFacts,
  code: number,
  source: ExitSource,
  options: { signal?: number; oomKilled?: boolean } = {},
): Exit {
  const signal = options.signal ?? (code > 128 && code <= 128 + 64 ? code - 128 : 0);
  if (signal > 0) {
    return { ...facts, kind: "signalled", signal, code, source, oomKilled: options.oomKilled ?? false };
  }
  return { ...facts, kind: "exited", code, source };
}

/** The exit as far as the connection tells; a Success of attach needs the Pod's word besides. */
export function exitOf({ facts, close, statusError, local }: ExitInput): Exit {
  const { status } = facts;
  if (status) return exitOfStatus(facts, status);
  if (local?.kind === "aborted") return { ...facts, kind: "aborted", reason: local.reason };
  if (local?.kind === "failed") return { ...facts, kind: kindOf(local.error), error: local.error };
  if (local?.kind === "closed") return { ...facts, kind: "detached" };
  if (statusError) {
    const error = new ClientError(
      "PROTOCOL_ERROR",
      `the final status is unreadable: ${statusError.message}`,
      {
        cause: statusError,
      },
    );
    return { ...facts, kind: "failed", error };
  }
  if (close.error?.code === "RECEIVE_OVERFLOW" || close.error?.code === "MESSAGE_TOO_LARGE") {
    const error = new ClientError("LIMIT_EXCEEDED", close.error.message, { cause: close.error });
    return { ...facts, kind: "limitExceeded", error };
  }
  if (close.wasClean) {
    const error = new ClientError(
      "ENDED_WITHOUT_STATUS",
      `the server closed the session (code ${close.code}) without saying how the process ended; its output may be incomplete`,
    );
    return { ...facts, kind: "endedWithoutStatus", error };
  }
  const error = new ClientError(
    "CONNECTION_LOST",
    `the connection ended before the process did, after ${facts.stdout.receivedBytes} bytes of stdout and ` +
      `${facts.stderr.receivedBytes} of stderr; more may be missing`,
    { cause: close.error },
  );
  return { ...facts, kind: "connectionLost", error };
}

function exitOfStatus(facts: ExitFacts, status: Status): Exit {
  let code: number | undefined;
  try {
    code = exitCodeOf(status);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const error = new ClientError("PROTOCOL_ERROR", `the final status is malformed: ${cause.message}`, {
      cause,
      status,
    });
    return { ...facts, kind: "failed", error };
  }
  if (code !== undefined) return exitOfCode(facts, code, "status");
  if (status.status !== "Failure") {
    const error = new ClientError("PROTOCOL_ERROR", "the final status is neither Success nor Failure", {
      status,
    });
    return { ...facts, kind: "failed", error };
  }
  const message = status.message ?? "the server gave no reason";
  // Nothing ran yet when nothing was written: a missing program, or "101, then the refusal" of API servers
  // that translate v5 themselves.
  const started = facts.stdout.receivedBytes + facts.stderr.receivedBytes > 0;
  const httpStatus = status.code;
  if (started)
    return {
      ...facts,
      kind: "failed",
      error: new ClientError("SERVER_ERROR", message, { status, httpStatus }),
    };
  const code2 = notRunning.test(message) ? "CONTAINER_NOT_RUNNING" : "FAILED_TO_START";
  return { ...facts, kind: "failedToStart", error: new ClientError(code2, message, { status, httpStatus }) };
}

/** What kubelets and runtimes say of a container that is not (or no longer) running. */
export const notRunning: RegExp =
  /container not found|container .* not found in pod|pod does not exist|CONTAINER_(EXITED|CREATED|UNKNOWN)/;

function kindOf(error: ClientError): "limitExceeded" | "timedOut" | "connectionLost" | "failed" {
  if (error.code === "LIMIT_EXCEEDED") return "limitExceeded";
  if (error.code === "TIMEOUT") return "timedOut";
  if (error.code === "CONNECTION_LOST") return "connectionLost";
  return "failed";
}

/** What the session's readers meet after the last byte: nothing when the end is known to be the end. */
export function outputErrorOf(exit: Exit): unknown {
  switch (exit.kind) {
    case "exited":
    case "signalled":
    case "detached":
    case "failedToStart":
      return undefined;
    case "aborted":
      return exit.reason;
    default:
      return exit.error;
  }
}
