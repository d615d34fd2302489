export interface FlowOptions {
  /** Unread bytes at which the transport is paused; it resumes below half of it. */
  readonly highWaterBytes: number;
  /** How long somebody may starve behind a reader that takes nothing. */
  readonly patienceMs: number;
}

export interface FlowEffects {
  pause(): void;
  resume(): void;
  /** Calls back after a time; answers with the way to call it off. */
  later(ms: number, callback: () => void): () => void;
}

/** What has come on one channel and is unread. */
export interface FlowChannel {
  /** Unread bytes that count against the session's mark. */
  readonly queuedBytes: number;
  /** Of these, the bytes that leave memory by themselves. */
  readonly leavingBytes: number;
  /** Whether a reader holds the channel now. */
  readonly claimed: boolean;
  /** Whether that reader waits for bytes. */
  readonly hungry: boolean;
}

/** Decides when the transport may read. */
export interface Flow {
  readonly paused: boolean;
  /** Looks at the channels again, of which one may have grown by some bytes. */
  evaluate(grownBytes?: number): void;
  /** Says that somebody waits for the end of the session and not (only) for its output. */
  awaitEnd(): void;
  /** Nothing comes any more. */
  end(): void;
}

/**
 * One socket carries both channels, so pausing for one starves the other. While somebody reads, only what that
 * reader has not yet taken counts against the mark, and a channel nobody reads may grow to its own limit; the
 * same holds while somebody waits for the end. While nobody waits for anything, everything unread counts. What is on
 * its way to a disk always does: waiting for that starves nobody for long.
 *
 * A reader that takes nothing while somebody else starves may be waiting for that very somebody. So the mark doubles
 * each time the patience is over, until the channel meets its limit, and is itself again when the reader has taken
 * something: a slow reader pauses the transport, one that has stopped does not for ever.
 */
export function createFlow(
  channels: readonly FlowChannel[],
  { highWaterBytes, patienceMs }: FlowOptions,
  effects: FlowEffects,
): Flow {
  let paused = false;
  let endAwaited = false;
  let over = false;
  let mark = highWaterBytes;
  let claimedBefore = 0;
  /** Bytes that may still come before there can be anything to decide, whatever is read meanwhile. */
  let roomBytes = highWaterBytes;
  let cancelPatience: (() => void) | undefined;

  const stopWaiting = (): void => {
    cancelPatience?.();
    cancelPatience = undefined;
  };
  const patienceOver = (): void => {
    cancelPatience = undefined;
    mark *= 2;
    decide(mark);
  };

  const decide = (resumeAt = mark / 2): void => {
    if (over) return;
    roomBytes = highWaterBytes;
    let claimedBytes = 0;
    let idleBytes = 0;
    let leavingBytes = 0;
    let someoneWaits = endAwaited;
    let someoneReads = false;
    for (const channel of channels) {
      const { queuedBytes } = channel;
      roomBytes -= queuedBytes;
      someoneWaits ||= channel.hungry;
      if (channel.claimed) {
        someoneReads = true;
        claimedBytes += queuedBytes;
      } else {
        idleBytes += queuedBytes;
        leavingBytes += channel.leavingBytes;
      }
    }
    if (claimedBytes < claimedBefore) {
      mark = highWaterBytes;
      stopWaiting();
    }
    claimedBefore = claimedBytes;
    const counted = claimedBytes + (someoneReads || endAwaited ? leavingBytes : idleBytes);
    if (!paused && counted > mark) {
      paused = true;
      effects.pause();
    } else if (paused && counted <= resumeAt) {
      paused = false;
      effects.resume();
    }
    if (!paused || !someoneWaits) stopWaiting();
    else cancelPatience ??= effects.later(patienceMs, patienceOver);
  };

  return {
    get paused() {
      return paused;
    },
    evaluate(grownBytes = 0) {
      roomBytes -= grownBytes;
      // For most frames nothing is to be decided, and there are very many.
      if (paused || mark !== highWaterBytes || roomBytes < 0) decide();
    },
    awaitEnd() {
      if (endAwaited) return;
      endAwaited = true;
      decide();
    },
    end() {
      over = true;
      stopWaiting();
    },
  };
}
