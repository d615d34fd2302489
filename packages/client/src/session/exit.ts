import { CodecError, exitCodeOf, type Status } from "@podwire/codec";
import type { CloseInfo } from "@podwire/transport";
import { ClientError, type ClientErrorCode } from "../errors.ts";
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
  /** Whether all of the output arrived. */
  readonly complete: Completeness;
}

/**
 * How sure it is that all of the output arrived: the command's own counts say so (`verify`), nothing speaks against it
 * (a server's Success is no proof: they lose the end of the output of slow readers), or it is not whole, because it
 * ended otherwise or because bytes were discarded.
 */
export type Completeness = "proven" | "unproven" | "incomplete";

/** How a session ended. */
export type Exit = ExitFacts & ExitEnd;

export type ExitEnd =
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
  | { readonly kind: "unverified"; readonly error: ClientError }
  | { readonly kind: "aborted"; readonly reason: unknown }
  | { readonly kind: "detached" };

/** Who said the exit code: the status channel (exec), the Pod's status (attach), or the command itself (`verify`). */
export type ExitSource = "status" | "pod-status" | "marker";

/** What is known before it is known how it ended. */
export type EndFacts = Omit<ExitFacts, "complete">;

export interface ExitInput {
  readonly facts: EndFacts;
  readonly close: CloseInfo;
  readonly statusError: CodecError | undefined;
  /** How it ended from this side, where it did. */
  readonly local: ExitEnd | undefined;
  /** The code for the words of a server that began no process; `FAILED_TO_START` where it knows none. */
  readonly codeOfRefusal?: (message: string) => ClientErrorCode | undefined;
}

/** An end and what is known besides, joined. */
export function exitOfEnd(facts: EndFacts, end: ExitEnd, complete?: Completeness): Exit {
  const { stdout, stderr } = facts;
  const ended = end.kind === "exited" || end.kind === "signalled" || end.kind === "failedToStart";
  const whole = ended && stdout.discardedBytes + stderr.discardedBytes === 0;
  return { ...facts, complete: complete ?? (whole ? "unproven" : "incomplete"), ...end };
}

/** An exit code as an exit, with codes above 128 read as signals (128 + number). */
export function exitOfCode(
  facts: EndFacts,
  code: number,
  source: ExitSource,
  options: { signal?: number; oomKilled?: boolean } = {},
): Exit {
  const signal = options.signal ?? (code > 128 && code <= 128 + 64 ? code - 128 : 0);
  if (signal > 0) {
    return exitOfEnd(facts, {
      kind: "signalled",
      signal,
      code,
      source,
      oomKilled: options.oomKilled ?? false,
    });
  }
  return exitOfEnd(facts, { kind: "exited", code, source });
}

/** The exit as far as the connection tells; a Success of attach needs the Pod's word besides. */
export function exitOf({ facts, close, statusError, local, codeOfRefusal }: ExitInput): Exit {
  const { status, stdout, stderr } = facts;
  const errorOf = (code: ClientErrorCode, message: string, cause?: unknown): ClientError =>
    new ClientError(code, message, { cause, status, httpStatus: status?.code });
  const failed = (...error: Parameters<typeof errorOf>): Exit => exitOfEnd(facts, endBy(errorOf(...error)));
  const unreadable = (cause: CodecError): Exit =>
    failed("PROTOCOL_ERROR", `the final status is unreadable: ${cause.message}`, cause);

  if (status) {
    try {
      const code = exitCodeOf(status);
      if (code !== undefined) return exitOfCode(facts, code, "status");
    } catch (cause) {
      if (cause instanceof CodecError) return unreadable(cause);
      throw cause;
    }
    const { message = "no reason was given" } = status;
    if (status.status !== "Failure") {
      return unreadable(new CodecError("BAD_STATUS", "neither Success nor Failure"));
    }
    // Nothing ran yet when nothing was written: a missing program, or "101, then the refusal" of API servers
    // that translate v5 themselves.
    if (stdout.receivedBytes + stderr.receivedBytes > 0) return failed("SERVER_ERROR", message);
    const error = errorOf(codeOfRefusal?.(message) ?? "FAILED_TO_START", message);
    return exitOfEnd(facts, { kind: "failedToStart", error });
  }
  if (local) return exitOfEnd(facts, local);
  if (statusError) return unreadable(statusError);
  const { error } = close;
  if (error?.code === "RECEIVE_OVERFLOW" || error?.code === "MESSAGE_TOO_LARGE") {
    return failed("LIMIT_EXCEEDED", error.message, error);
  }
  return close.wasClean
    ? failed("ENDED_WITHOUT_STATUS", `the server closed (code ${close.code}) without a status`)
    : failed(
        "CONNECTION_LOST",
        `the connection was lost after ${stdout.receivedBytes} bytes of stdout and ` +
          `${stderr.receivedBytes} of stderr`,
        error,
      );
}

type ErrorKind = Extract<Exit, { readonly error: ClientError }>["kind"];

const kinds: Partial<Record<ClientErrorCode, ErrorKind>> = {
  ENDED_WITHOUT_STATUS: "endedWithoutStatus",
  CONNECTION_LOST: "connectionLost",
  LIMIT_EXCEEDED: "limitExceeded",
  TIMEOUT: "timedOut",
  UNVERIFIED: "unverified",
};

/** The end that an error is. */
export function endBy(error: ClientError): ExitEnd {
  return { kind: kinds[error.code] ?? "failed", error };
}

/** The end that a caller's signal makes; running out of time is an end of its own. */
export function endByAbort(reason: unknown): ExitEnd {
  if (reason instanceof ClientError && reason.code === "TIMEOUT") return endBy(reason);
  // AbortSignal.timeout() of the platform.
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return endBy(new ClientError("TIMEOUT", "the session's time is over", { cause: reason }));
  }
  return { kind: "aborted", reason };
}

/** What the session's readers meet after the last byte: nothing when the end is known to be the end. */
export function outputErrorOf(exit: Exit): unknown {
  if (exit.kind === "aborted") return exit.reason;
  return "error" in exit && exit.kind !== "failedToStart" ? exit.error : undefined;
}
