const blockBytes = 16_384;
const smallBytes = 4_096;
/** So many messages may wait as they came for a reader who is there: about what one read of a socket brings. */
const passingChunks = 64;

/**
 * A queue of byte chunks with a known size. Small chunks are gathered in blocks, so that a flood of one-byte
 * frames costs its bytes and not an object each; a chunk that pins a much larger read buffer is copied.
 */
export interface ByteQueue {
  readonly byteLength: number;
  /** `passing` says that a reader takes it in a moment: then neither a pinned buffer nor an object is worth a copy. */
  push(chunk: Uint8Array, passing?: boolean): void;
  /** Puts bytes back in front. */
  unshift(chunk: Uint8Array): void;
  shift(): Uint8Array | undefined;
  clear(): void;
}

export function createByteQueue(): ByteQueue {
  let chunks: Uint8Array[] = [];
  let head = 0;
  let byteLength = 0;
  // The last chunk is block.subarray(start, blockUsed) while `block` is set.
  let block: Uint8Array | undefined;
  let blockUsed = 0;

  const append = (chunk: Uint8Array): void => {
    const last = chunks[chunks.length - 1];
    if (block && last && head < chunks.length && blockUsed + chunk.byteLength <= blockBytes) {
      block.set(chunk, blockUsed);
      blockUsed += chunk.byteLength;
      chunks[chunks.length - 1] = new Uint8Array(
        last.buffer,
        last.byteOffset,
        last.byteLength + chunk.byteLength,
      );
      return;
    }
    block = new Uint8Array(blockBytes);
    block.set(chunk);
    blockUsed = chunk.byteLength;
    chunks.push(block.subarray(0, blockUsed));
  };

  return {
    get byteLength() {
      return byteLength;
    },
    push(chunk, passing = false) {
      if (chunk.byteLength === 0) return;
      byteLength += chunk.byteLength;
      if (passing && chunks.length - head < passingChunks) {
        block = undefined;
        chunks.push(chunk);
      } else if (chunk.byteLength < smallBytes) {
        append(chunk);
      } else {
        block = undefined;
        chunks.push(chunk.byteLength * 2 < chunk.buffer.byteLength ? chunk.slice() : chunk);
      }
    },
    unshift(chunk) {
      if (chunk.byteLength === 0) return;
      byteLength += chunk.byteLength;
      chunks = [chunk, ...chunks.slice(head)];
      head = 0;
    },
    shift() {
      const chunk = chunks[head];
      if (!chunk) return undefined;
      chunks[head] = empty;
      head += 1;
      byteLength -= chunk.byteLength;
      if (head === chunks.length) {
        chunks = [];
        head = 0;
        // The block's bytes now belong to whoever took them.
        block = undefined;
      } else if (head > 1_024 && head * 2 > chunks.length) {
        chunks = chunks.slice(head);
        head = 0;
      }
      return chunk;
    },
    clear() {
      chunks = [];
      head = 0;
      byteLength = 0;
      block = undefined;
    },
  };
}

const empty = new Uint8Array(0);
