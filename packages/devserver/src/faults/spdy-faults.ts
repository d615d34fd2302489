import type { Writable } from "node:stream";
import type { Fault } from "./fault.ts";

/** What faults make of one connection of SPDY. */
export interface SpdyFaults {
  /** The status to reset a stream of a type with that the client opens; undefined when it may be. */
  refuse(streamType: string): number | undefined;
  /** What is said on the stream of errors instead of a status, frame by frame. */
  statusOf(status: string): readonly (string | Uint8Array)[];
  /** The streams are open; nothing has been sent on them. */
  begin(): void;
  /** A frame with bytes has gone out. */
  sent(): void;
}

/** What a fault can do to a connection. */
export interface SpdyTarget {
  /** The stream of a type; undefined when the client has opened none. */
  stream(type: string): Writable | undefined;
  goAway(status: number): void;
}

/** In the order of the channels of a WebSocket. */
const channels: readonly string[] = ["stdin", "stdout", "stderr", "error", "resize"];
const cancel = 5;

export function createSpdyFaults(faults: readonly Fault[], target: SpdyTarget): SpdyFaults {
  let count = 0;
  const behind = (): void => {
    for (const fault of faults) {
      if (fault.kind === "go-away" && (fault.afterFrames ?? 0) === count) target.goAway(fault.status ?? 0);
      if (fault.kind !== "message" || (fault.afterFrames ?? 1) !== count) continue;
      const stream = target.stream(channels[fault.channel] ?? "");
      if (stream?.writable) stream.write(Buffer.from(fault.payload));
    }
  };
  return {
    refuse(streamType) {
      const found = faults.find((one) => one.kind === "reset-stream" && one.stream === streamType);
      return found?.kind === "reset-stream" ? (found.status ?? cancel) : undefined;
    },
    statusOf(status) {
      const found = faults.find((one) => one.kind === "status");
      if (found?.kind !== "status") return [status];
      if ("payloads" in found) return found.payloads;
      const bytes = Buffer.from(status);
      return [bytes.subarray(0, found.splitAfterBytes), bytes.subarray(found.splitAfterBytes)];
    },
    begin: behind,
    sent() {
      count += 1;
      behind();
    },
  };
}
