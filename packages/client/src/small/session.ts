import { Channel, CodecError, decodeFrame, decodeStatus } from "@podwire/codec";
import type { CloseInfo, Connection, Sink } from "@podwire/transport";
import { asyncDispose } from "../dispose.ts";
import { ClientError } from "../errors.ts";
import { afterReading } from "../later.ts";
import { createDeferred } from "../session/deferred.ts";
import {
  type EndFacts,
  type Exit,
  type ExitEnd,
  endBy,
  endByAbort,
  exitOf,
  exitOfEnd,
  outputErrorOf,
} from "../session/exit.ts";
import { createFlow } from "../session/flow.ts";
import type { StreamSession } from "../session/session.ts";
import { createStatusChannel } from "../session/status-channel.ts";
import { sessionEnded } from "../session/stdin.ts";
import { createSmallChannel, type SmallChannel, type SmallOutput } from "./channel.ts";
import { createSender } from "./sender.ts";
import type { Wanted } from "./wanted.ts";

/** As much of a `StreamSession` as `attach` and `exec` give. */
export interface SmallSession
  extends Pick<
    StreamSession,
    | "close"
    | "closeStdin"
    | "exited"
    | "protocol"
    | "resize"
    | "stdin"
    | "tty"
    | "waitForStatus"
    | typeof Symbol.asyncDispose
  > {
  readonly stdout: SmallOutput;
  readonly stderr: SmallOutput;
}

/** Starts a session on a connection that has just opened; the sink is its end of the connection. */
export function startSmallSession(
  connection: Connection,
  options: Wanted,
): { readonly session: SmallSession; readonly sink: Sink } {
  // After the status only the Close is missing; a server that keeps the socket open is not waited for.
  const closeGraceMs = 1_000;
  const { signal, tty } = options;
  const exited = createDeferred<Exit>();
  const status = createStatusChannel(decodeStatus);
  const sender = createSender(connection, options);
  let local: ExitEnd | undefined;
  let cancelGrace = (): void => {};

  const fail = (error: ClientError): void => {
    local ??= endBy(error);
    connection.terminate();
  };
  const changed = (grownBytes?: number): void => flow.evaluate(grownBytes);
  const createChannel = (name: "stdout" | "stderr"): SmallChannel => {
    const channel = createSmallChannel(name, changed, fail);
    if (!options[name]) channel.end();
    return channel;
  };
  const stdout = createChannel("stdout");
  const stderr = createChannel("stderr");
  const armGrace = (): void => {
    cancelGrace();
    if (status.status && !flow.paused) {
      cancelGrace = afterReading(closeGraceMs, () => connection.close());
    }
  };
  const flow = createFlow(
    [stdout, stderr],
    // As those of the large session.
    { highWaterBytes: 1_048_576, patienceMs: 2_000 },
    {
      pause() {
        connection.pause();
        cancelGrace();
      },
      resume() {
        connection.resume();
        armGrace();
      },
      later: afterReading,
    },
  );

  const receive = (data: Uint8Array | string): void => {
    if (typeof data === "string") throw new CodecError("BAD_STATUS", "text");
    if (data.byteLength === 0) return;
    const { channel, payload } = decodeFrame(data);
    if (channel === Channel.Stdout) stdout.push(payload);
    else if (channel === Channel.Stderr) stderr.push(payload);
    else if (channel === Channel.Error) status.push(payload);
  };
  const end = (close: CloseInfo): void => {
    cancelGrace();
    flow.end();
    // The transport has the signal, and ends the connection for it.
    if (signal?.aborted && !close.wasClean) local ??= endByAbort(signal.reason);
    const facts: EndFacts = {
      ...(status.status && { status: status.status }),
      closeCode: close.code,
      stdout: stdout.counts,
      stderr: stderr.counts,
      stdinBytes: sender.stdinBytes,
    };
    const exit = exitOf({ facts, close, statusError: status.error, local });
    sender.end(sessionEnded("error" in exit ? exit.error : undefined));
    stdout.end(outputErrorOf(exit));
    stderr.end(outputErrorOf(exit));
    exited.resolve(options.kind === "attach" && exit.kind === "exited" ? attachEnd(facts) : exit);
  };

  const session: SmallSession = {
    stdin: sender.stdin,
    stdout: stdout.output,
    stderr: stderr.output,
    protocol: connection.protocol,
    tty,
    resize: (width, height) => sender.resize({ width, height }),
    closeStdin: sender.closeStdin,
    waitForStatus: async () => (await session.exited).status,
    get exited() {
      flow.awaitEnd();
      return exited.promise;
    },
    async close() {
      local ??= { kind: "detached" };
      const leave = (): void => connection.close();
      // Behind everything written, unless nobody reads that.
      const cancel = afterReading(closeGraceMs, leave);
      void sender.flushed().then(leave);
      await exited.promise;
      cancel();
    },
    [asyncDispose]: () => session.close(),
  };
  return {
    session,
    sink: {
      message(data) {
        try {
          receive(data);
          armGrace();
        } catch (cause) {
          fail(new ClientError("PROTOCOL_ERROR", "a bad message came", { cause }));
        }
      },
      drain: sender.drain,
      close: end,
    },
  };
}

/** Attach's own status is Success whatever the exit code, and on detaching too. */
function attachEnd(facts: EndFacts): Exit {
  const why = "the Pod's status has the exit code";
  return exitOfEnd(facts, endBy(new ClientError("ENDED_WITHOUT_STATUS", why)));
}
