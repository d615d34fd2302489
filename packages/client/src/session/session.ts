import type { Status } from "@podwire/codec";
import type { CloseInfo, Connection, Sink } from "@podwire/transport";
import { asyncDispose } from "../dispose.ts";
import { ClientError } from "../errors.ts";
import { createDeferred } from "./deferred.ts";
import { type Exit, type ExitEnd, type ExitFacts, endBy, endByAbort, exitOf, outputErrorOf } from "./exit.ts";
import { createMachine, type Machine } from "./machine.ts";
import { sessionEnded } from "./outbox.ts";
import { createOutput, type Output } from "./output.ts";
import { bytesOf, createStdin, type Stdin } from "./stdin.ts";

/** What a session needs to know besides its connection. */
export interface SessionOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  /** Whether the container takes stdin at all; bytes for one that does not are dropped here. */
  readonly stdinDropped: boolean;
  /** How stdin ends: the protocol's half-close, or Ctrl-D where that would cut the output (a terminal's exec). */
  readonly stdinEnd: "half-close" | "end-of-transmission";
  readonly container: string | undefined;
  readonly warnings: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly highWaterBytes: number;
  readonly limitBytes: number;
  /** Finds what the status could not say, such as attach's exit code; runs once, after a Success. */
  readonly refineExit?: (facts: ExitFacts, closedStdin: boolean) => Promise<Exit>;
}

/** A running attach or exec, the same for both; leaving its `await using` block closes it at once. */
export interface StreamSession {
  readonly stdin: Stdin;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The chosen subprotocol. */
  readonly protocol: string;
  /** The container, where it was named or could be found out. */
  readonly container: string | undefined;
  /** Whether the process has a terminal. */
  readonly tty: boolean;
  /** What a careful user would want to know, in sentences; empty when all is well. */
  readonly warnings: readonly string[];
  /**
   * Tells the process its terminal's size, in character cells from 1 to 65535; the last of several waiting sizes
   * wins. A TypeError without a terminal.
   */
  resize(width: number, height: number): Promise<void>;
  /** Ends stdin behind everything written; idempotent. `HALF_CLOSE_UNSUPPORTED` below v5. */
  closeStdin(): Promise<void>;
  /** The server's final Status, or undefined when the session ended without one. Never rejects. */
  waitForStatus(): Promise<Status | undefined>;
  /** How it ended. Always settles, never rejects. */
  readonly exited: Promise<Exit>;
  /** Leaves: closes the connection now, whatever is unread. The process is not killed. Idempotent, never rejects. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

// After the status only the Close is missing; a server that keeps the socket open is not waited for.
const closeGraceMs = 1_000;

/** Starts a session on a connection that has just opened; the sink is its end of the connection. */
export function startSession(
  connection: Connection,
  options: SessionOptions,
): { readonly session: StreamSession; readonly sink: Sink } {
  let local: ExitEnd | undefined;
  let stdinClosed: Promise<void> | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  let statusSeen = false;
  let over = false;
  const statusEnd = createDeferred<Status | undefined>();
  const closed = createDeferred<void>();
  const exited = createDeferred<Exit>();

  const endLocally = (end: ExitEnd): void => {
    local ??= end;
  };
  const armGrace = (): void => {
    clearTimeout(grace);
    if (statusSeen && !over && !machine.flow.paused)
      grace = setTimeout(() => connection.close(1000), closeGraceMs);
  };
  const abort = (): void => {
    endLocally(endByAbort(options.signal?.reason));
    connection.terminate();
  };

  const machine: Machine = createMachine(
    { ...options, protocol: connection.protocol },
    {
      send: (message) => connection.send(message),
      pause() {
        connection.pause();
        clearTimeout(grace);
      },
      resume() {
        connection.resume();
        armGrace();
      },
      fail(error) {
        endLocally(endBy(error));
        connection.terminate();
      },
      statusArrived() {
        statusSeen = true;
        armGrace();
      },
    },
  );

  const ended = async (close: CloseInfo): Promise<void> => {
    over = true;
    clearTimeout(grace);
    options.signal?.removeEventListener("abort", abort);
    const { status, statusError } = machine.ended(close);
    const facts: ExitFacts = {
      ...(status && { status }),
      closeCode: close.code,
      stdout: countsOf(machine.stdout),
      stderr: countsOf(machine.stderr),
      stdinBytes: machine.stdinBytes,
    };
    let exit = exitOf({ facts, close, statusError, local });
    machine.finish(outputErrorOf(exit), sessionEnded("error" in exit ? exit.error : undefined));
    statusEnd.resolve(status);
    closed.resolve();
    if (options.refineExit && status && exit.kind === "exited") {
      exit = await options.refineExit(facts, stdinClosed !== undefined);
    }
    exited.resolve(exit);
  };

  const writeStdin = async (data: Uint8Array | string): Promise<void> => {
    const bytes = bytesOf(data);
    if (!options.stdin) throw new TypeError("stdin was not requested; pass stdin: true to attach or exec");
    if (stdinClosed) throw new ClientError("SESSION_ENDED", "stdin is closed; nothing more can be written");
    if (options.stdinDropped) return;
    await machine.writeStdin(bytes);
  };

  const endStdin = async (): Promise<void> => {
    if (!options.stdin || options.stdinDropped || over) return;
    if (options.stdinEnd === "end-of-transmission") {
      await machine.writeStdin(new Uint8Array([0x04]));
      return;
    }
    if (!machine.halfClose) {
      throw new ClientError(
        "HALF_CLOSE_UNSUPPORTED",
        `${connection.protocol} cannot end stdin (v5.channel.k8s.io, Kubernetes 1.30 and later, can); ` +
          "let the command read a known number of bytes, or close the session",
      );
    }
    await machine.closeStdin();
  };

  const session: StreamSession = {
    stdin: createStdin(quiet(writeStdin), () => session.closeStdin()),
    stdout: createOutput(machine.stdout),
    stderr: createOutput(machine.stderr),
    protocol: connection.protocol,
    container: options.container,
    tty: options.tty,
    warnings: options.warnings,
    resize: quiet(async (width: number, height: number) => {
      // Without a terminal a second size freezes stdin on v5 (codec's PROTOCOL.md, traps).
      if (!options.tty) throw new TypeError("only a session with tty: true has a size");
      if (over) throw sessionEnded();
      await machine.resize({ width, height });
    }),
    closeStdin() {
      if (!stdinClosed) {
        stdinClosed = endStdin().catch((error: unknown) => {
          // It was not closed after all: a later call may try again.
          stdinClosed = undefined;
          throw error;
        });
        stdinClosed.catch(() => {});
      }
      return stdinClosed;
    },
    waitForStatus() {
      machine.flow.awaitEnd();
      return statusEnd.promise;
    },
    get exited() {
      machine.flow.awaitEnd();
      return exited.promise;
    },
    async close() {
      endLocally({ kind: "detached" });
      connection.close(1000);
      await closed.promise;
    },
    [asyncDispose]: () => session.close(),
  };

  if (options.signal?.aborted) queueMicrotask(abort);
  else options.signal?.addEventListener("abort", abort, { once: true });

  return {
    session,
    sink: {
      message(data) {
        machine.message(data);
        // Some servers send the Status first.
        if (statusSeen) armGrace();
      },
      drain: () => machine.drain(),
      close: (info) => {
        void ended(info);
      },
    },
  };
}

function countsOf(channel: { receivedBytes: number; discardedBytes: number }): ExitFacts["stdout"] {
  return { receivedBytes: channel.receivedBytes, discardedBytes: channel.discardedBytes };
}

/** Marks rejections as seen: not awaiting a write must not end the program. */
function quiet<A extends unknown[]>(run: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
  return (...args) => {
    const promise = run(...args);
    promise.catch(() => {});
    return promise;
  };
}
