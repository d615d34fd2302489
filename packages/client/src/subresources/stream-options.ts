import { capabilitiesOf } from "@podwire/codec";
import { createSpool } from "@podwire/transport";
import { checkInteger, checkTimeout, segmentOf } from "../arguments.ts";
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
  /** Whether the process has (attach) or gets (exec) a terminal; attach follows the container itself. */
  readonly tty?: boolean;
  /** Whether to read the Pod first, to choose the container and to wait until it runs; true by default. */
  readonly readPod?: boolean;
  /** Subprotocols to offer; v5 and v4 by default. */
  readonly protocols?: readonly string[];
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
  if (tty && stderr)
    throw new TypeError("a terminal has one output: with tty: true, stderr cannot be asked for");
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

function checkProtocols(protocols: readonly string[]): void {
  if (!Array.isArray(protocols) || !protocols.length || new Set(protocols).size < protocols.length) {
    throw new TypeError("protocols must be an array of at least one subprotocol, and of none twice");
  }
  for (const protocol of protocols) {
    if (capabilitiesOf(protocol)?.status !== "json")
      throw new RangeError(`cannot speak the subprotocol ${protocol}`);
  }
}
