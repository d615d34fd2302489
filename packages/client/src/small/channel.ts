import { ClientError } from "../errors.ts";
import type { FlowChannel } from "../session/flow.ts";
import type { Output } from "../session/output.ts";
import type { ChannelBytes } from "../session/output-channel.ts";

/** One output of a small session; a reader that leaves its loop early leaves the rest readable. */
export type SmallOutput = Pick<Output, "readable" | typeof Symbol.asyncIterator>;

/** One of stdout and stderr between the frames and its reader, which is the platform's own. */
export interface SmallChannel extends FlowChannel {
  readonly counts: ChannelBytes;
  readonly output: SmallOutput;
  push(payload: Uint8Array): void;
  end(error?: unknown): void;
}

/** Most unread bytes of one channel while the other is read. */
const limitBytes = 16_777_216;
/** What a message costs beside its bytes: many empty ones are not for nothing. */
const messageBytes = 128;

export function createSmallChannel(
  name: string,
  changed: (grownBytes?: number) => void,
  fail: (error: ClientError) => void,
): SmallChannel {
  const queue: Uint8Array[] = [];
  let queuedBytes = 0;
  /** Gives the waiting reader what there is. */
  let serve: (() => void) | undefined;
  let end: { readonly error: unknown } | undefined;
  let everRead = false;
  let discarding = false;
  const counts = { receivedBytes: 0, discardedBytes: 0 };

  const lost = () =>
    new ClientError(
      "LIMIT_EXCEEDED",
      `${counts.discardedBytes} bytes of ${name} came when 16 MiB were unread`,
    );
  const readable = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        everRead = true;
        serve = () => {
          const chunk = queue.shift();
          if (!chunk && !end) return;
          serve = undefined;
          const error = counts.discardedBytes ? lost() : end?.error;
          if (chunk) {
            queuedBytes -= chunk.byteLength + messageBytes;
            controller.enqueue(chunk);
          } else if (error === undefined) controller.close();
          else controller.error(error);
        };
        serve();
        changed();
      },
      cancel() {
        serve = undefined;
        discarding = true;
        queuedBytes = queue.length = 0;
        changed();
      },
    },
    // What nobody has asked for waits in our queue, which is counted.
    { highWaterMark: 0 },
  );

  return {
    output: {
      readable,
      [Symbol.asyncIterator]: () => {
        if (readable.locked) throw new ClientError("READER_BUSY", `${name} already has a reader`);
        return iterate(readable.getReader());
      },
    },
    counts,
    get queuedBytes() {
      return queuedBytes;
    },
    leavingBytes: 0,
    get claimed() {
      return readable.locked;
    },
    get hungry() {
      return !!serve && readable.locked;
    },
    push(payload) {
      const { byteLength } = payload;
      counts.receivedBytes += byteLength;
      if (discarding || !byteLength) return;
      // Once there is a gap, all that follows is only counted.
      if (counts.discardedBytes || queuedBytes + byteLength > limitBytes) {
        counts.discardedBytes += byteLength;
        if (everRead) fail(lost());
        return;
      }
      // What pins a much larger read buffer is copied.
      queue.push(byteLength * 2 < payload.buffer.byteLength ? payload.slice() : payload);
      queuedBytes += byteLength + messageBytes;
      if (readable.locked) serve?.();
      changed(byteLength + messageBytes);
    },
    end(error) {
      end ??= { error };
      serve?.();
    },
  };
}

/** Safari iterates no web stream by itself; and whoever leaves while waiting is not in the way of the next. */
function iterate(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncIterableIterator<Uint8Array> {
  let over = false;
  const leave = async (): Promise<IteratorReturnResult<undefined>> => {
    over = true;
    reader.releaseLock();
    return { done: true, value: undefined };
  };
  return {
    async next() {
      try {
        const result = await reader.read();
        if (!result.done) return result;
      } catch (error) {
        // Of who has left before, it is about the reader and not about what was read.
        if (!over) {
          void leave();
          throw error;
        }
      }
      return leave();
    },
    return: leave,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
