import type { OutputChannel } from "./output-channel.ts";

/** Byte marks of a session's receiving side. */
export interface FlowMarks {
  /** Bytes not yet read at which the transport is paused; it resumes below half of it. */
  readonly highWaterBytes: number;
}

/** Decides when the transport may read. */
export interface Flow {
  readonly paused: boolean;
  /** Looks at the channels again. */
  evaluate(): void;
  /** Says that somebody waits for the end of the session and not (only) for its output. */
  awaitEnd(): void;
}

/**
 * One socket carries both channels, so pausing for one starves the other. While somebody reads, only what that
 * reader has not yet taken counts against the mark, and a channel nobody reads may grow to its own limit; the
 * same holds while somebody waits for the end. While nobody waits for anything, everything unread counts.
 */
export function createFlow(
  channels: readonly OutputChannel[],
  marks: FlowMarks,
  effects: { pause(): void; resume(): void },
): Flow {
  let paused = false;
  let endAwaited = false;
  return {
    get paused() {
      return paused;
    },
    evaluate() {
      let claimedBytes = 0;
      let idleBytes = 0;
      let reading = endAwaited;
      for (const channel of channels) {
        if (channel.claimed) {
          reading = true;
          claimedBytes += channel.queuedBytes;
        } else {
          idleBytes += channel.queuedBytes;
        }
      }
      const counted = reading ? claimedBytes : claimedBytes + idleBytes;
      if (!paused && counted > marks.highWaterBytes) {
        paused = true;
        effects.pause();
      } else if (paused && counted <= marks.highWaterBytes / 2) {
        paused = false;
        effects.resume();
      }
    },
    awaitEnd() {
      if (endAwaited) return;
      endAwaited = true;
      this.evaluate();
    },
  };
}
