import type { Spool } from "@podwire/transport";
import { ClientError } from "../errors.ts";
import { createByteQueue } from "./byte-queue.ts";

/** The bytes of one channel that nobody has read yet, in memory and, where there is a spool, behind it. */
export interface OutputStore {
  readonly limitBytes: number;
  readonly byteLength: number;
  /** Whether nothing would come before what is pushed now. */
  readonly empty: boolean;
  /** Those that count against the session's mark: in memory, or near the spool's end. */
  readonly countedBytes: number;
  /** Of these, the bytes on their way to the spool: they leave memory whether anybody reads or not. */
  readonly leavingBytes: number;
  /** Why what is not in memory cannot be had any more. */
  readonly error: ClientError | undefined;
  /** False when the limit is reached, and then nothing is taken. `passing` says that a reader takes it in a moment. */
  push(bytes: Uint8Array, passing: boolean): boolean;
  unshift(bytes: Uint8Array): void;
  /** The next bytes that are in memory. */
  shift(): Uint8Array | undefined;
  /** Gets the next bytes into memory and then calls; false when there are none to get. */
  fetch(fetched: () => void): boolean;
  clear(): void;
  /** Gives up what is not in memory, and says how much that was. */
  abandon(): number;
}

export interface SpoolOptions {
  readonly spool: Spool;
  readonly limitBytes: number;
  /** Bytes of one channel that stay in memory. */
  readonly memoryBytes: number;
  /** There is more room in memory again, or so many bytes have come back into it. */
  changed(grownBytes?: number): void;
  /** The spool cannot be written or read. */
  failed(error: ClientError): void;
}

export function createMemoryStore(limitBytes: number): OutputStore {
  const queue = createByteQueue();
  return {
    limitBytes,
    get byteLength() {
      return queue.byteLength;
    },
    get empty() {
      return queue.byteLength === 0;
    },
    get countedBytes() {
      return queue.byteLength;
    },
    leavingBytes: 0,
    error: undefined,
    push(bytes, passing) {
      if (queue.byteLength + bytes.byteLength > limitBytes) return false;
      queue.push(bytes, passing);
      return true;
    },
    unshift: queue.unshift,
    shift: queue.shift,
    fetch: () => false,
    clear: queue.clear,
    abandon: () => 0,
  };
}

/** Keeps the first bytes in memory and the rest in the spool: while that holds any, new ones go behind them. */
export function createSpoolStore(options: SpoolOptions): OutputStore {
  const { spool, limitBytes, memoryBytes, changed, failed } = options;
  const queue = createByteQueue();
  // So near to its end, what is spooled counts as if it were in memory: the transport is paused before it is full.
  const freeBytes = Math.max(limitBytes - 8 * memoryBytes, 0);
  let writing = false;
  let reading = false;
  let error: ClientError | undefined;
  let over = false;

  const fail = (cause: unknown): void => {
    if (error || over) return;
    const message = "what nobody has read yet cannot be spooled; see the cause, or choose another overflow";
    error = new ClientError("SPOOL_FAILED", message, { cause });
    failed(error);
  };
  const noteWritten = (): void => {
    if (writing) return;
    writing = true;
    spool.written().then(() => {
      writing = false;
      // What waits when the spool is given up is never written.
      if (over) return;
      if (spool.bufferedBytes > 0) noteWritten();
      changed();
    }, fail);
  };

  const store: OutputStore = {
    limitBytes,
    get byteLength() {
      return queue.byteLength + (over ? 0 : spool.byteLength);
    },
    get empty() {
      return !reading && store.byteLength === 0;
    },
    get countedBytes() {
      if (over) return queue.byteLength;
      return queue.byteLength + spool.bufferedBytes + Math.max(spool.byteLength - freeBytes, 0);
    },
    get leavingBytes() {
      return over ? 0 : spool.bufferedBytes;
    },
    get error() {
      return error;
    },
    push(bytes, passing) {
      const spooling = reading || spool.byteLength > 0;
      if (!spooling && queue.byteLength + bytes.byteLength <= memoryBytes) {
        queue.push(bytes, passing);
        return true;
      }
      if (over || !spool.write(bytes)) return false;
      noteWritten();
      return true;
    },
    unshift: queue.unshift,
    shift: queue.shift,
    fetch(fetched) {
      if (over || error || (!reading && spool.byteLength === 0)) return false;
      if (reading) return true;
      reading = true;
      spool.read().then(
        (bytes) => {
          reading = false;
          // As a whole: what its reader does not take goes back in front of it.
          if (!over) queue.push(bytes);
          fetched();
          changed(bytes.byteLength);
        },
        (cause: unknown) => {
          reading = false;
          fail(cause);
          fetched();
        },
      );
      return true;
    },
    clear() {
      queue.clear();
      store.abandon();
    },
    abandon() {
      const bytes = over ? 0 : spool.byteLength;
      over = true;
      void spool.dispose();
      return bytes;
    },
  };
  return store;
}
