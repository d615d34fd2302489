import { ClientError } from "../errors.ts";
import type { FlowChannel } from "./flow.ts";
import type { OutputStore } from "./output-store.ts";

/** What one output channel did so far, in bytes. */
export interface ChannelBytes {
  /** Payload bytes that arrived. */
  readonly receivedBytes: number;
  /** Of these, the bytes that no reader can have any more: its limit was full, or the session was left. */
  readonly discardedBytes: number;
}

/**
 * One of stdout and stderr between the frames and its reader: a store of bytes, at most one reader, one end.
 * It does no I/O; `changed` tells the flow control after every step, and by how many bytes it may have grown.
 */
export interface OutputChannel extends ChannelBytes, FlowChannel {
  readonly name: "stdout" | "stderr";
  /** Most bytes that it keeps for a reader. */
  readonly limitBytes: number;
  push(payload: Uint8Array): "kept" | "overflow";
  end(error?: unknown): void;
  /** Gives up what is not in memory; a reader that comes for it learns how much that was. */
  abandon(): void;
  /** Takes the channel for one reader; throws `READER_BUSY` when there is one. */
  claim(): ChannelClaim;
}

interface WaitingReader {
  readonly taken: (bytes: Uint8Array | undefined) => void;
  readonly failed: (error: unknown) => void;
}

/** The right to read a channel, held by one reader at a time. */
export interface ChannelClaim {
  /** The next bytes if they are at hand, now the caller's. */
  take(): Uint8Array | undefined;
  /** Calls one of the two, once: with the next bytes or undefined at the end, or with the channel's error behind them. */
  wait(taken: (bytes: Uint8Array | undefined) => void, failed: (error: unknown) => void): void;
  /** Both as a promise. */
  read(): Promise<Uint8Array | undefined>;
  /** Gives up waiting, which then ends with undefined. */
  cancelRead(): void;
  /** Puts bytes back in front, for the next reader. */
  unread(bytes: Uint8Array): void;
  /** Drops what is queued and whatever still comes. */
  discard(): void;
  release(): void;
}

export function createOutputChannel(
  name: "stdout" | "stderr",
  store: OutputStore,
  changed: (grownBytes?: number) => void,
): OutputChannel {
  let waiting: WaitingReader | undefined;
  let serving = false;
  let claim: ChannelClaim | undefined;
  let everClaimed = false;
  let discarding = false;
  let end: { readonly error: unknown } | undefined;
  let receivedBytes = 0;
  let discardedBytes = 0;

  /** What a reader meets behind the last byte; undefined where that is a good end. */
  const endError = (): unknown =>
    discardedBytes > 0 ? lost(name, discardedBytes, store.limitBytes) : (store.error ?? end?.error);
  const take = (): Uint8Array | undefined => {
    const chunk = store.shift();
    if (chunk) changed();
    return chunk;
  };

  /** Gives the waiting reader what there is: bytes at hand, bytes to be fetched, or the end. */
  const serve = (): void => {
    serving = false;
    const reader = waiting;
    if (!reader) return;
    const chunk = take();
    if (!chunk && store.fetch(wake)) return;
    if (!chunk && !end && discardedBytes === 0 && store.error === undefined) return;
    waiting = undefined;
    if (chunk) {
      reader.taken(chunk);
      return;
    }
    store.abandon();
    const error = endError();
    if (error === undefined) reader.taken(undefined);
    else reader.failed(error);
  };
  const wake = (): void => {
    if (serving || !waiting) return;
    serving = true;
    queueMicrotask(serve);
  };

  const createClaim = (): ChannelClaim => {
    const self: ChannelClaim = {
      take() {
        if (claim !== self) throw new TypeError(`this reader of ${name} was released`);
        if (waiting) throw busy(name);
        return take();
      },
      wait(taken, failed) {
        if (claim !== self) throw new TypeError(`this reader of ${name} was released`);
        if (waiting) throw busy(name);
        waiting = { taken, failed };
        serve();
        if (waiting) changed();
      },
      read: () => new Promise(self.wait),
      cancelRead() {
        const reader = waiting;
        waiting = undefined;
        reader?.taken(undefined);
      },
      unread(bytes) {
        store.unshift(bytes);
        changed(bytes.byteLength);
      },
      discard() {
        discarding = true;
        store.clear();
        changed();
      },
      release() {
        if (claim !== self) return;
        claim = undefined;
        self.cancelRead();
        changed();
      },
    };
    return self;
  };

  return {
    name,
    limitBytes: store.limitBytes,
    get receivedBytes() {
      return receivedBytes;
    },
    get discardedBytes() {
      return discardedBytes;
    },
    get queuedBytes() {
      return store.countedBytes;
    },
    get leavingBytes() {
      return store.leavingBytes;
    },
    get claimed() {
      return claim !== undefined;
    },
    get hungry() {
      return waiting !== undefined && store.byteLength === 0;
    },
    push(payload) {
      if (end || payload.byteLength === 0) return "kept";
      receivedBytes += payload.byteLength;
      if (discarding) return "kept";
      if (waiting && store.empty && discardedBytes === 0) {
        // Past the store: most frames of a reader that keeps up come this way.
        const reader = waiting;
        waiting = undefined;
        reader.taken(payload);
        return "kept";
      }
      if (discardedBytes > 0 || !store.push(payload, claim !== undefined)) {
        // Once there is a gap, all that follows is only counted: the late reader learns how much is missing.
        const fails = everClaimed && discardedBytes === 0;
        discardedBytes += payload.byteLength;
        return fails ? "overflow" : "kept";
      }
      wake();
      changed(payload.byteLength);
      return "kept";
    },
    end(error) {
      end ??= { error };
      wake();
    },
    abandon() {
      discardedBytes += store.abandon();
      wake();
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

function lost(name: string, bytes: number, limitBytes: number): ClientError {
  return new ClientError(
    "LIMIT_EXCEEDED",
    `${bytes} bytes of ${name} were discarded: nobody had read them when the session was left, or when more than ` +
      `${limitBytes} bytes had come. Read ${name} while the session runs, or do not request it`,
  );
}

function busy(name: string): ClientError {
  return new ClientError(
    "READER_BUSY",
    `${name} already has a reader; let it finish (or break out of its loop) before starting another`,
  );
}
