import { capabilitiesOf, type TerminalSize } from "@podwire/codec";
import { createSpool } from "@podwire/transport";
import { checkInteger, checkTimeout, segmentOf } from "../arguments.ts";
import type { ClientError } from "../errors.ts";
import type { CallOptions } from "../request.ts";
import type { LivenessOptions } from "../session/liveness.ts";
import type { MachineOptions } from "../session/machine.ts";

/** What attach and exec have in common. */
export interface StreamOptions extends CallOptions {
  /** Container name; by default the Pod's annotated default container, or its only one. */
  readonly container?: string;
  /** Whether to write to the process; false by default. */
  readonly stdin?: boolean;
  /** Whether to read its stdout; true by default. */
  readonly stdout?: boolean;
  /** Whether to read its stderr; true by default, and never with a terminal, which has one output. */
  readonly stderr?: boolean;
  /**
   * Whether the process has (attach) or gets (exec) a terminal, or the size that this has at first, in character cells
   * from 1 to 65535; attach follows the container itself.
   */
  readonly tty?: boolean | TerminalSize;
  /** Whether to read the Pod first, to choose the container and to wait until it runs; true by default. */
  readonly readPod?: boolean;
  /**
   * Subprotocols to offer. By default v5 and v4; where neither stdin nor a terminal is wanted v4 first, which loses no
   * output of a slow reader and no end of a dying server, but not where v4 would end the stdin of an attached process.
   */
  readonly protocols?: readonly string[];
  /**
   * What `closeStdin` does below v5, which cannot end stdin: by default it rejects with `HALF_CLOSE_UNSUPPORTED`;
   * "disconnect" closes the whole connection behind everything written, and what comes after that is lost.
   */
  readonly halfClose?: "disconnect";
  /** Hears of each attempt to open that the container was not ready for, and that is made again. */
  readonly onAttempt?: (attempt: OpenAttempt) => void;
  /** Unread bytes at which `overflow` sets in; 1 MiB by default. */
  readonly highWaterBytes?: number;
  /** Most unread bytes of one channel while others are read; 16 MiB by default. */
  readonly limitBytes?: number;
  /**
   * What happens to output that is not read in time: reading the connection pauses (the default), the rest goes into
   * a temporary file (Node) and the connection is drained, or the session fails with `LIMIT_EXCEEDED`.
   */
  readonly overflow?: "pause" | "spool" | "error";
  /** With `overflow: "spool"`, most bytes of one channel in the file, before reading pauses; 1 GiB by default. */
  readonly spoolLimitBytes?: number;
  /** How a lost connection is noticed and an idle one kept; false for neither. */
  readonly liveness?: LivenessOptions | false;
}

/** An attempt to open a session that failed and is made again. */
export interface OpenAttempt {
  /** 1 for the first. */
  readonly number: number;
  /** `CONTAINER_NOT_RUNNING`, or `NOT_FOUND` where the kubelet does not know the Pod yet. */
  readonly error: ClientError;
  /** Time until the next attempt. */
  readonly delayMs: number;
}

/** How a session receives, with its defaults. */
export function receivingOf(
  options: StreamOptions,
): Pick<MachineOptions, "highWaterBytes" | "limitBytes" | "overflow"> {
  const { highWaterBytes = 1_048_576, limitBytes = 16_777_216, spoolLimitBytes = 1_073_741_824 } = options;
  const { overflow = "pause" } = options;
  if (overflow !== "spool") return { highWaterBytes, limitBytes, overflow };
  if (!createSpool) throw new TypeError('overflow: "spool" needs Node; choose "pause" or "error" here');
  return { highWaterBytes, limitBytes, overflow: { create: createSpool, limitBytes: spoolLimitBytes } };
}

/** Throws for impossible options and combinations, before any network. */
export function checkStreamOptions(name: string, options: StreamOptions): void {
  segmentOf("name", name);
  const { stdin = false, stdout = true, tty = false, stderr = !tty, container, protocols } = options;
  if (container !== undefined) segmentOf("container", container);
  if (!stdin && !stdout && !stderr) throw new TypeError("ask for at least one of stdin, stdout and stderr");
  if (tty && stderr) throw new TypeError("a terminal has one output: stderr cannot be asked for with tty");
  checkTerminal(tty);
  if (options.halfClose !== undefined && options.halfClose !== "disconnect") {
    throw new TypeError('halfClose must be "disconnect", or left out');
  }
  if (options.onAttempt !== undefined && typeof options.onAttempt !== "function") {
    throw new TypeError("onAttempt must be a function");
  }
  const { highWaterBytes, limitBytes, overflow } = receivingOf(options);
  checkInteger("limitBytes", limitBytes);
  checkInteger("highWaterBytes", highWaterBytes, 1, limitBytes);
  if (typeof overflow === "object") checkInteger("spoolLimitBytes", overflow.limitBytes, highWaterBytes);
  else if (overflow !== "pause" && overflow !== "error") {
    throw new TypeError('overflow must be "pause", "spool" or "error"');
  }
  for (const [limit, ms] of Object.entries(options.liveness || {})) checkTimeout(`liveness.${limit}`, ms);
  if (protocols) checkProtocols(protocols);
}

/** The size that a terminal is to have at first. */
export function sizeOf({ tty }: StreamOptions): TerminalSize | undefined {
  return typeof tty === "object" ? tty : undefined;
}

function checkTerminal(tty: boolean | TerminalSize): void {
  if (typeof tty === "boolean") return;
  if (typeof tty !== "object" || tty === null) throw new TypeError("tty must be true, false or a size");
  // A server stops reading the whole session after a size it cannot decode.
  for (const side of ["width", "height"] as const) {
    const cells: unknown = tty[side];
    if (typeof cells !== "number") throw new TypeError(`tty.${side} must be a number of character cells`);
    checkInteger(`tty.${side}`, cells, 1, 65_535);
  }
}

function checkProtocols(protocols: readonly string[]): void {
  if (!Array.isArray(protocols) || !protocols.length || new Set(protocols).size < protocols.length) {
    throw new TypeError("protocols must be an array of at least one subprotocol, and of none twice");
  }
  for (const protocol of protocols) {
    if (!capabilitiesOf(protocol)) throw new RangeError(`cannot speak the subprotocol ${protocol}`);
  }
}
