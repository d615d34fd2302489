import { ClientError } from "../errors.ts";
import { createByteQueue } from "./byte-queue.ts";
import { createDeferred, type Deferred } from "./deferred.ts";

/** What one output channel did so far, in bytes. */
export interface ChannelBytes {
  /** Payload bytes that arrived. */
  readonly receivedBytes: number;
  /** Of these, the bytes dropped because nobody ever read the channel and its limit was full. */
  readonly discardedBytes: number;
}

/**
 * One of stdout and stderr between the frames and its reader: a byte queue, at most one reader, one end.
 * It does no I/O; `changed` tells the flow control after every step.
 */
export interface OutputChannel extends ChannelBytes {
  readonly name: "stdout" | "stderr";
  readonly queuedBytes: number;
  /** Whether a reader holds the channel now. */
  readonly claimed: boolean;
  push(payload: Uint8Array): "kept" | "overflow";
  end(error?: unknown): void;
  /** Takes the channel for one reader; throws `READER_BUSY` when there is one. */
  claim(): ChannelClaim;
}

/** The right to read a channel, held by one reader at a time. */
export interface ChannelClaim {
  /** The next bytes, now the caller's; undefined at the end. Rejects with the channel's error after its last byte. */
  read(): Promise<Uint8Array | undefined>;
  /** Gives up a pending read, which then resolves with undefined, or with bytes it was given already. */
  cancelRead(): void;
  /** Puts bytes back in front, for the next reader. */
  unread(bytes: Uint8Array): void;
  /** Drops what is queued and whatever still comes. */
  discard(): void;
  release(): void;
}

export function createOutputChannel(
  name: "stdout" | "stderr",
  limitBytes: number,
  changed: () => void,
): OutputChannel {
  const queue = createByteQueue();
  let waiting: Deferred<Uint8Array | undefined> | undefined;
  let claim: ChannelClaim | undefined;
  let everClaimed = false;
  let discarding = false;
  let end: { readonly error: unknown } | undefined;
  let receivedBytes = 0;
  let discardedBytes = 0;

  const lost = (): ClientError =>
    new ClientError(
      "LIMIT_EXCEEDED",
      `${discardedBytes} bytes of ${name} were discarded: nobody read it and more than ${limitBytes} bytes arrived. ` +
        `Read ${name} while the session runs, or do not request it`,
    );
  const endNow = (): Promise<undefined> => {
    if (discardedBytes > 0) return Promise.reject(lost());
    if (end && end.error !== undefined) return Promise.reject(end.error);
    return Promise.resolve(undefined);
  };

  const createClaim = (): ChannelClaim => {
    const self: ChannelClaim = {
      read() {
        if (claim !== self) throw new TypeError(`this reader of ${name} was released`);
        if (waiting) throw busy(name);
        const chunk = queue.shift();
        if (chunk) {
          changed();
          return Promise.resolve(chunk);
        }
        if (end || discardedBytes > 0) return endNow();
        waiting = createDeferred();
        changed();
        return waiting.promise;
      },
      cancelRead() {
        waiting?.resolve(undefined);
        waiting = undefined;
      },
      unread(bytes) {
        queue.unshift(bytes);
      },
      discard() {
        discarding = true;
        queue.clear();
        changed();
      },
      release() {
        if (claim !== self) return;
        self.cancelRead();
        claim = undefined;
        changed();
      },
    };
    return self;
  };

  return {
    name,
    get receivedBytes() {
      return receivedBytes;
    },
    get discardedBytes() {
      return discardedBytes;
    },
    get queuedBytes() {
      return queue.byteLength;
    },
    get claimed() {
      return claim !== undefined;
    },
    push(payload) {
      if (end || payload.byteLength === 0) return "kept";
      receivedBytes += payload.byteLength;
      if (discarding) return "kept";
      if (waiting) {
        const reader = waiting;
        waiting = undefined;
        reader.resolve(payload);
        changed();
        return "kept";
      }
      if (discardedBytes > 0 || queue.byteLength + payload.byteLength > limitBytes) {
        // Once there is a gap, all that follows is only counted: the late reader learns how much is missing.
        if (everClaimed && discardedBytes === 0) return "overflow";
        discardedBytes += payload.byteLength;
        return "kept";
      }
      queue.push(payload);
      changed();
      return "kept";
    },
    end(error) {
      if (end) return;
      end = { error };
      const reader = waiting;
      waiting = undefined;
      if (reader) endNow().then(reader.resolve, reader.reject);
    },
    claim() {
      if (claim) throw busy(name);
      claim = createClaim();
      everClaimed = true;
      changed();
      return claim;
    },
  };
}

function busy(name: string): ClientError {
  return new ClientError(
    "READER_BUSY",
    `${name} already has a reader; let it finish (or break out of its loop) before starting another`,
  );
}
