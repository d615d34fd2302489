import { createDeferred, type Deferred } from "./deferred.ts";
import { createGather } from "./gather.ts";
import { sessionEnded } from "./stdin.ts";

/** Largest payload of one stdin message: servers buffer per message and never reassemble fragments. */
const maxPayloadBytes = 32_768;

/** The session's outgoing messages in order: stdin in chunks, sizes and the half-close behind it. */
export interface Outbox {
  /** Bytes of `data` that were handed to the transport. */
  readonly sentBytes: number;
  /**
   * Sends bytes in messages of at most 32 KiB; resolves when the transport has drained below its mark. Small pieces in
   * a row are gathered: they go out together, a moment later.
   */
  data(bytes: Uint8Array): Promise<void>;
  /** Sends one message as it is; `replaces` drops an unsent earlier message of the same kind. */
  message(message: Uint8Array | string, options?: { replaces?: string }): Promise<void>;
  /** Sends what is gathered now. */
  flush(): void;
  /** The transport drained. */
  drain(): void;
  /** Rejects everything unsent and all that comes. */
  end(error: unknown): void;
}

interface Item {
  readonly bytes?: Uint8Array;
  readonly message?: Uint8Array | string;
  readonly kind?: string | undefined;
  offset: number;
  readonly done: Deferred<void>;
}

export function createOutbox(
  encodeStdin: (payload: Uint8Array) => Uint8Array | string,
  send: (message: Uint8Array | string) => boolean,
): Outbox {
  let items: Item[] = [];
  let undrained: Deferred<void>[] = [];
  let blocked = false;
  let sentBytes = 0;
  let ended: { readonly error: unknown } | undefined;

  const sendNext = (item: Item): boolean => {
    if (item.message !== undefined) {
      blocked = !send(item.message);
      return true;
    }
    const bytes = item.bytes ?? new Uint8Array(0);
    if (item.offset < bytes.byteLength) {
      const chunk = bytes.subarray(item.offset, item.offset + maxPayloadBytes);
      item.offset += chunk.byteLength;
      blocked = !send(encodeStdin(chunk));
      sentBytes += chunk.byteLength;
    }
    return item.offset >= bytes.byteLength;
  };

  const pump = (): void => {
    try {
      for (let item = items[0]; item && !blocked; item = items[0]) {
        if (!sendNext(item)) continue;
        items.shift();
        if (blocked) undrained.push(item.done);
        else item.done.resolve();
      }
    } catch (cause) {
      // The connection has begun to close and has not said so yet.
      end(sessionEnded(cause));
    }
  };

  const end = (error: unknown): void => {
    if (ended) return;
    ended = { error };
    gather.drop();
    for (const { done } of items) done.reject(error);
    for (const done of undrained) done.reject(error);
    items = [];
    undrained = [];
  };

  /** Sends stdin now; false when nothing more can be sent. */
  const sendStdin = (bytes: Uint8Array): boolean => {
    try {
      blocked = !send(encodeStdin(bytes));
      sentBytes += bytes.byteLength;
      return true;
    } catch (cause) {
      end(sessionEnded(cause));
      return false;
    }
  };
  // Whatever else is sent goes behind it.
  const gather = createGather(maxPayloadBytes, sendStdin);

  const add = (part: Omit<Item, "offset" | "done">): Promise<void> => {
    gather.flush();
    const done = createDeferred<void>();
    if (ended) {
      done.reject(ended.error);
      return done.promise;
    }
    items.push({ ...part, offset: 0, done });
    pump();
    return done.promise;
  };

  return {
    get sentBytes() {
      return sentBytes;
    },
    data(bytes) {
      // Most writes go out at once and whole: without a place in the queue, and without a promise of their own.
      const { byteLength } = bytes;
      if (ended || blocked || items.length > 0 || byteLength === 0 || byteLength > maxPayloadBytes) {
        return add({ bytes });
      }
      if (gather.add(bytes)) return sent;
      gather.flush();
      if (blocked || !sendStdin(bytes)) return add({ bytes });
      if (!blocked) return sent;
      const done = createDeferred<void>();
      undrained.push(done);
      return done.promise;
    },
    message(message, options) {
      const kind = options?.replaces;
      if (kind !== undefined) {
        // The one being sent is at the front only while blocked halfway through data, never a message.
        const stale = items.filter((item) => item.kind === kind);
        items = items.filter((item) => item.kind !== kind);
        const sent = add({ message, kind });
        for (const { done } of stale) sent.then(done.resolve, done.reject);
        return sent;
      }
      return add({ message });
    },
    flush: gather.flush,
    drain() {
      blocked = false;
      const drained = undrained;
      undrained = [];
      for (const done of drained) done.resolve();
      pump();
    },
    end,
  };
}

const sent = /* @__PURE__ */ Promise.resolve();
