import { capabilitiesOf, type Status } from "@podwire/codec";
import type { CloseInfo, Connection, Sink } from "@podwire/transport";
import { asyncDispose } from "../dispose.ts";
import type { ClientError } from "../errors.ts";
import { codeOfRefusal } from "../kubelet-refusal.ts";
import { afterReading, later } from "../later.ts";
import type { Marker } from "../verify/marker.ts";
import { acknowledgementLine } from "../verify/wrapper.ts";
import { createDeferred } from "./deferred.ts";
import { type EndFacts, type Exit, type ExitEnd, endBy, endByAbort, exitOf, outputErrorOf } from "./exit.ts";
import { type Liveness, type LivenessOptions, startLiveness } from "./liveness.ts";
import { createMachine, type Machine, type MachineOptions } from "./machine.ts";
import { createOutput, type Output } from "./output.ts";
import type { ChannelBytes } from "./output-channel.ts";
import { createSessionInput, type SessionInputOptions } from "./session-input.ts";
import { type Stdin, sessionEnded } from "./stdin.ts";

/** What a session needs to know besides its connection. */
export interface SessionOptions extends SessionInputOptions, Omit<MachineOptions, "protocol"> {
  readonly container: string | undefined;
  readonly warnings: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly liveness: LivenessOptions | false;
  /** With `verification`: lets the command go, whose output has all been read; how depends on its stdin. */
  readonly acknowledge?: ((marker: Marker) => Promise<void>) | undefined;
  /** Finds what the status could not say, such as attach's exit code; runs once, after a Success. */
  readonly refineExit?: (facts: EndFacts, closedStdin: boolean) => Promise<Exit>;
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
  /** Whether it is proven that all of the output arrived; needs `verify`. Settles with `exited`, never rejects. */
  readonly verified: Promise<boolean>;
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
  const { signal } = options;
  const silent = capabilitiesOf(connection.protocol)?.status === "text";
  let local: ExitEnd | undefined;
  let cancelGrace = (): void => {};
  let cancelStuck = (): void => {};
  /** Whether only the end of the connection is still to come. */
  let lastWordSeen = false;
  let over = false;
  const statusEnd = createDeferred<Status | undefined>();
  const closed = createDeferred<void>();
  const exited = createDeferred<Exit>();

  const armGrace = (): void => {
    cancelGrace();
    if (!lastWordSeen || over || machine.flow.paused) return;
    cancelGrace = afterReading(closeGraceMs, () => {
      connection.close(1000);
      // A server that could not hand on our stdin does not read our Close either, and nothing is left to wait for.
      cancelGrace = afterReading(closeGraceMs, () => connection.terminate());
    });
  };
  const fail = (error: ClientError): void => {
    local ??= endBy(error);
    connection.terminate();
  };
  const abort = (): void => {
    local ??= endByAbort(signal?.reason);
    connection.terminate();
  };
  const leave = (): void => {
    local ??= { kind: "detached" };
    machine.flush();
    const unsentBytes = connection.bufferedAmount;
    connection.close(1000);
    terminateIfStuck(unsentBytes);
  };
  /** Behind stdin that nobody reads, the Close does not get out either. */
  const terminateIfStuck = (unsentBytes: number): void => {
    if (over || unsentBytes === 0) return;
    cancelStuck();
    cancelStuck = afterReading(closeGraceMs, () => {
      const { bufferedAmount } = connection;
      if (bufferedAmount >= unsentBytes) connection.terminate();
      else terminateIfStuck(bufferedAmount);
    });
  };

  const lastWord = (): void => {
    lastWordSeen = true;
    liveness.stop();
    armGrace();
  };

  const machine: Machine = createMachine(
    { ...options, protocol: connection.protocol },
    {
      send: (message) => connection.send(message),
      pause() {
        connection.pause();
        cancelGrace();
      },
      resume() {
        connection.resume();
        armGrace();
      },
      later,
      fail,
      statusArrived: lastWord,
      markerArrived(marker) {
        const { acknowledge } = options;
        (acknowledge ? acknowledge(marker) : machine.sendAside(encoder.encode(acknowledgementLine)))
          // It ends by itself a minute later.
          .catch(() => {})
          .finally(lastWord);
      },
    },
  );
  const input = createSessionInput(machine, connection.protocol, options, leave);
  const liveness: Liveness = startLiveness(options.liveness, {
    ping: connection.ping && (() => connection.ping?.()),
    keepAlive() {
      void machine.sendAside(new Uint8Array(0));
    },
    now: () => performance.now(),
    later,
    fail,
    paused: () => machine.flow.paused,
    stdinBytes: () => machine.stdinBytes,
    bufferedAmount: () => connection.bufferedAmount,
  });

  const ended = async (close: CloseInfo): Promise<void> => {
    over = true;
    cancelGrace();
    cancelStuck();
    liveness.stop();
    input.end();
    signal?.removeEventListener("abort", abort);
    const { status, statusError } = machine.ended(close);
    const facts: EndFacts = {
      ...(status && { status }),
      closeCode: close.code,
      stdout: countsOf(machine.stdout),
      stderr: countsOf(machine.stderr),
      stdinBytes: machine.stdinBytes,
    };
    let exit = exitOf({ facts, close, statusError, local, codeOfRefusal });
    if (options.verification) exit = options.verification.judge(exit, facts);
    // Who has given up a session does not come back for what it has spooled.
    if (exit.kind === "aborted") machine.abandon();
    machine.finish(outputErrorOf(exit), sessionEnded("error" in exit ? exit.error : undefined));
    statusEnd.resolve(status);
    closed.resolve();
    // Where a Success says nothing (v1), the connection's proper end stands for it.
    const success = status ? exit.kind === "exited" : silent && exit.kind === "endedWithoutStatus";
    if (options.refineExit && success) {
      exit = await options.refineExit(facts, input.closed);
    }
    exited.resolve(exit);
  };

  const session: StreamSession = {
    stdin: input.stdin,
    stdout: createOutput(machine.stdout),
    stderr: createOutput(machine.stderr),
    protocol: connection.protocol,
    container: options.container,
    tty: options.tty,
    warnings: options.warnings,
    resize: input.resize,
    closeStdin: () => input.close(),
    waitForStatus() {
      machine.flow.awaitEnd();
      return statusEnd.promise;
    },
    get exited() {
      machine.flow.awaitEnd();
      return exited.promise;
    },
    get verified() {
      return session.exited.then(({ complete }) => complete === "proven");
    },
    async close() {
      leave();
      await closed.promise;
      machine.abandon();
    },
    [asyncDispose]: () => session.close(),
  };

  if (signal?.aborted) queueMicrotask(abort);
  else signal?.addEventListener("abort", abort, { once: true });

  return {
    session,
    sink: {
      message(data) {
        liveness.heard();
        machine.message(data);
        // Some servers send the Status first.
        if (lastWordSeen) armGrace();
      },
      drain: () => machine.drain(),
      pong: () => liveness.ponged(),
      close: (info) => {
        void ended(info);
      },
    },
  };
}

const encoder = new TextEncoder();

function countsOf({ receivedBytes, discardedBytes }: ChannelBytes): ChannelBytes {
  return { receivedBytes, discardedBytes };
}
