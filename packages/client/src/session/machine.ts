import {
  Channel,
  CodecError,
  capabilitiesOf,
  decodeBase64Frame,
  decodeFrame,
  decodeStatus,
  encodeBase64Frame,
  encodeClose,
  encodeFrame,
  encodeResize,
  type Status,
  type TerminalSize,
} from "@podwire/codec";
import type { CloseInfo, CreateSpool } from "@podwire/transport";
import { ClientError } from "../errors.ts";
import type { Marker } from "../verify/marker.ts";
import type { Verification } from "../verify/verification.ts";
import { createFlow, type Flow, type FlowEffects } from "./flow.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createOutputChannel, type OutputChannel } from "./output-channel.ts";
import { createMemoryStore, createSpoolStore, type OutputStore } from "./output-store.ts";
import { createStatusChannel } from "./status-channel.ts";
import { statusOfText } from "./status-text.ts";

/** What the machine asks of the connection. */
export interface MachineEffects extends FlowEffects {
  send(message: Uint8Array | string): boolean;
  /** The session cannot go on: end it with this error. */
  fail(error: ClientError): void;
  /** The Status is complete; only the end of the connection is still to come. */
  statusArrived(): void;
  /** The command's own mark is behind all of its outputs. */
  markerArrived(marker: Marker): void;
}

/** Which channels were requested, and the byte limits. */
export interface MachineOptions {
  readonly protocol: string;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly highWaterBytes: number;
  readonly limitBytes: number;
  /** What happens to output beyond the mark: the transport waits, the rest is spooled, or the session fails. */
  readonly overflow: "pause" | "error" | Spooling;
  readonly verification?: Verification | undefined;
}

/** Where output goes that is not read in time, and how much of each channel. */
interface Spooling {
  readonly create: CreateSpool;
  readonly limitBytes: number;
}

/** How long one reader may starve behind another that takes nothing (see flow.ts). */
const patienceMs = 2_000;

/** Everything known when a connection has ended. */
interface Ending {
  readonly close: CloseInfo;
  readonly status: Status | undefined;
  readonly statusError: CodecError | undefined;
}

/** A session without I/O: messages in, channels and effects out. */
export interface Machine {
  readonly stdout: OutputChannel;
  readonly stderr: OutputChannel;
  readonly flow: Flow;
  readonly halfClose: boolean;
  /** Bytes of stdin handed to the transport. */
  readonly stdinBytes: number;
  message(data: Uint8Array | string): void;
  drain(): void;
  /** The connection ended; the channels end when the session knows how. */
  ended(close: CloseInfo): Ending;
  writeStdin(bytes: Uint8Array): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  closeStdin(): Promise<void>;
  /** Sends bytes to stdin that are not the caller's: none, which keep the connection, or an acknowledgement. */
  sendAside(bytes: Uint8Array): Promise<void>;
  /** Sends what small writes have gathered. */
  flush(): void;
  /** Gives up output that is not in memory. */
  abandon(): void;
  /** Ends both channels, after their last byte, and all pending writes. */
  finish(outputError: unknown, inputError: unknown): void;
}

export function createMachine(options: MachineOptions, effects: MachineEffects): Machine {
  const capabilities = capabilitiesOf(options.protocol);
  if (!capabilities) throw new RangeError(`no channel protocol is named ${options.protocol}`);
  const base64 = capabilities.encoding === "base64";
  const encode = base64 ? encodeBase64Frame : encodeFrame;
  const changed = (grownBytes?: number): void => flow.evaluate(grownBytes);
  const { highWaterBytes, limitBytes, overflow } = options;
  const createStore = (): OutputStore => {
    if (typeof overflow === "string") return createMemoryStore(limitBytes);
    return createSpoolStore({
      spool: overflow.create(overflow.limitBytes),
      limitBytes: overflow.limitBytes,
      memoryBytes: highWaterBytes / 4,
      changed,
      failed: effects.fail,
    });
  };
  const stdout = createOutputChannel("stdout", createStore(), changed);
  const stderr = createOutputChannel("stderr", createStore(), changed);
  const flow = createFlow(
    [stdout, stderr],
    { highWaterBytes, patienceMs },
    {
      ...effects,
      pause() {
        if (overflow !== "error") effects.pause();
        else effects.fail(new ClientError("LIMIT_EXCEEDED", `more than ${highWaterBytes} bytes are unread`));
      },
    },
  );
  const status = createStatusChannel(capabilities.status === "json" ? decodeStatus : statusOfText);
  const outbox: Outbox = createOutbox((payload) => encode(Channel.Stdin, payload), effects.send);
  // A channel that was not requested (stderr beside a terminal, above all) ends at once.
  if (!options.stdout) stdout.end();
  if (!options.stderr) stderr.end();

  const { verification } = options;
  let marked = false;
  const output = (channel: OutputChannel, payload: Uint8Array): void => {
    keep(channel, verification ? verification.push(channel.name, payload) : payload);
    const marker = marked ? undefined : verification?.marker;
    if (!marker) return;
    marked = true;
    effects.markerArrived(marker);
  };
  const keep = (channel: OutputChannel, payload: Uint8Array): void => {
    if (channel.push(payload) === "kept") return;
    effects.fail(
      new ClientError(
        "LIMIT_EXCEEDED",
        `${channel.name} holds ${channel.limitBytes} unread bytes and its reader has stopped; keep reading it, ` +
          "or raise limitBytes or spoolLimitBytes",
      ),
    );
  };

  const decode = (data: Uint8Array | string) => {
    if (typeof data === "string") {
      if (base64) return decodeBase64Frame(data);
      throw new ClientError("PROTOCOL_ERROR", `the server sent a text message over ${options.protocol}`);
    }
    return decodeFrame(data);
  };

  return {
    stdout,
    stderr,
    flow,
    halfClose: capabilities.halfClose,
    get stdinBytes() {
      return outbox.sentBytes;
    },
    message(data) {
      if (data.length === 0) return;
      try {
        const { channel, payload } = decode(data);
        if (channel === Channel.Stdout) output(stdout, payload);
        else if (channel === Channel.Stderr) output(stderr, payload);
        else if (channel === Channel.Error && status.push(payload)) effects.statusArrived();
        // Other channels are the server's mistake or its future: ignored, as every client does.
      } catch (cause) {
        if (cause instanceof ClientError) effects.fail(cause);
        else if (cause instanceof CodecError)
          effects.fail(new ClientError("PROTOCOL_ERROR", `bad message: ${cause.message}`, { cause }));
        else throw cause;
      }
    },
    drain: () => outbox.drain(),
    ended(close) {
      // What might have been the beginning of a marker was none.
      if (verification) for (const channel of [stdout, stderr]) keep(channel, verification.end(channel.name));
      return { close, status: status.status, statusError: status.error };
    },
    writeStdin: (bytes) => outbox.data(bytes),
    resize: (size) => outbox.message(encode(Channel.Resize, encodeResize(size)), { replaces: "resize" }),
    closeStdin: () => outbox.message(encodeClose(Channel.Stdin)),
    sendAside: (bytes) => outbox.message(encode(Channel.Stdin, bytes)),
    flush: outbox.flush,
    abandon() {
      stdout.abandon();
      stderr.abandon();
    },
    finish(outputError, inputError) {
      flow.end();
      stdout.end(outputError);
      stderr.end(outputError);
      outbox.end(inputError);
    },
  };
}
