import type { CloseInfo } from "./connection.ts";
import { byteLengthOf } from "./message.ts";

/** Messages that came while nobody wanted them, in order and never more bytes than agreed. */
export interface Inbox {
  /** Bytes of the messages that are kept, and of what keeping them takes. */
  readonly keptBytes: number;
  /** Delivers at once, or keeps; false when that would be too much, and the message is dropped. */
  push(message: Uint8Array | string, byteLength: number): boolean;
  pause(): void;
  resume(): void;
  /** Announces the end, once, after the last message that is kept. */
  end(info: CloseInfo): void;
  /** Drops what is kept and delivers no message again. */
  discard(): void;
}

interface InboxEffects {
  readonly limitBytes: number;
  deliver(message: Uint8Array | string): void;
  end(info: CloseInfo): void;
}

/** What a message costs beside its bytes: many short ones, or empty ones, are not for nothing. */
const messageBytes = 128;

/** Stands in for back-pressure on platforms that read whether anybody listens or not. */
export function createInbox(effects: InboxEffects): Inbox {
  let kept: (Uint8Array | string)[] = [];
  let keptBytes = 0;
  let paused = false;
  let discarded = false;
  let flushing = false;
  let scheduled = false;
  let info: CloseInfo | undefined;
  let over = false;

  /** Never inside a call of the sink: whoever resumes or terminates may be standing in one. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      flush();
    });
  }

  function flush(): void {
    flushing = true;
    let next = 0;
    while (!paused && next < kept.length) {
      const message = kept[next] ?? "";
      next += 1;
      keptBytes -= byteLengthOf(message) + messageBytes;
      effects.deliver(message);
      // Discarding starts a new, empty list.
      if (discarded) next = 0;
    }
    kept = kept.slice(next);
    flushing = false;
    if (!info || over || kept.length > 0) return;
    over = true;
    effects.end(info);
  }

  return {
    get keptBytes() {
      return keptBytes;
    },
    push(message, byteLength) {
      if (discarded) return true;
      const waits = paused || flushing || scheduled;
      const costBytes = byteLength + messageBytes;
      if (waits && keptBytes + costBytes > effects.limitBytes) return false;
      kept.push(message);
      keptBytes += costBytes;
      if (!waits) flush();
      return true;
    },
    pause() {
      paused = !discarded;
    },
    resume() {
      paused = false;
      schedule();
    },
    end(value) {
      info ??= value;
      schedule();
    },
    discard() {
      discarded = true;
      paused = false;
      kept = [];
      keptBytes = 0;
      schedule();
    },
  };
}
