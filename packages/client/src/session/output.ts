import { checkInteger } from "../arguments.ts";
import { ClientError } from "../errors.ts";
import { concat } from "./concat.ts";
import { iterateLines } from "./lines.ts";
import type { ChannelClaim, OutputChannel } from "./output-channel.ts";
import { createReadable } from "./readable.ts";
import { readUntil, type UntilMatch, type UntilOptions } from "./until.ts";

/** Limits for reading to the end. */
export interface CollectOptions {
  /** Most bytes to collect before `LIMIT_EXCEEDED`; no limit by default, as the caller asked for everything. */
  readonly limitBytes?: number;
}

/**
 * The output of one channel, read in one of several ways, by one reader at a time. Leaving a loop early keeps the
 * rest readable. Reading rejects, after the last byte that arrived, when the end is not known to be complete.
 */
export interface Output extends AsyncIterable<Uint8Array> {
  /** The bytes as they arrive; each chunk belongs to the caller. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array>;
  /** A byte stream of the rest, with back-pressure; cancelling it discards what still comes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Everything up to the end, as bytes. */
  bytes(options?: CollectOptions): Promise<Uint8Array>;
  /** Everything up to the end, decoded as UTF-8 across chunks. */
  text(options?: CollectOptions): Promise<string>;
  /** Lines without their line ends (LF, or CRLF as terminals send). */
  lines(): AsyncIterableIterator<string>;
  /**
   * Reads up to and including the first match; what follows stays readable. On a timeout, an abort or the end of
   * the output it rejects with the transcript so far, which stays readable too.
   */
  until(pattern: string | RegExp, options?: UntilOptions): Promise<UntilMatch>;
}

export function createOutput(channel: OutputChannel): Output {
  let stream: ReadableStream<Uint8Array> | undefined;
  return {
    [Symbol.asyncIterator]: () => iterateChunks(channel.claim()),
    get readable() {
      stream ??= createReadable(channel, () => {
        stream = undefined;
      });
      return stream;
    },
    bytes: (options) => collect(channel, options),
    async text(options) {
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await collect(channel, options));
    },
    lines: () => iterateLines(channel),
    until: (pattern, options) => readUntil(channel, pattern, options),
  };
}

function iterateChunks(claim: ChannelClaim): AsyncIterableIterator<Uint8Array> {
  let done = false;
  const finish = (): IteratorResult<Uint8Array> => {
    done = true;
    claim.release();
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (done) return Promise.resolve({ done: true, value: undefined });
      try {
        // What is at hand is handed over at once: each further await costs more than a frame.
        const value = claim.take();
        if (value) return Promise.resolve({ done: false, value });
      } catch (error) {
        return Promise.reject(error);
      }
      return new Promise((resolve, reject) => {
        const taken = (value: Uint8Array | undefined): void => {
          resolve(value ? { done: false, value } : finish());
        };
        claim.wait(taken, (error) => {
          finish();
          reject(error);
        });
      });
    },
    return: () => Promise.resolve(finish()),
  };
}

async function collect(
  channel: OutputChannel,
  { limitBytes = Number.MAX_SAFE_INTEGER }: CollectOptions = {},
): Promise<Uint8Array> {
  checkInteger("limitBytes", limitBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of iterateChunks(channel.claim())) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > limitBytes) {
      throw new ClientError("LIMIT_EXCEEDED", `${channel.name} is longer than limitBytes (${limitBytes})`);
    }
  }
  return concat(chunks);
}
