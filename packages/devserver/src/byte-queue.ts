/** Bytes that have come and were not read yet. What is taken is a view wherever it lies in one chunk. */
export interface ByteQueue {
  readonly byteLength: number;
  push(chunk: Buffer): void;
  /** Undefined while there are not that many. */
  take(byteLength: number): Buffer | undefined;
  /** Forgets what there is. */
  clear(): void;
}

export function createByteQueue(): ByteQueue {
  let chunks: Buffer[] = [];
  let available = 0;

  /** At most that many bytes of the first chunk. */
  const takeFirst = (limit: number): Buffer => {
    const [first = Buffer.alloc(0)] = chunks;
    if (first.byteLength <= limit) {
      chunks.shift();
      return first;
    }
    chunks[0] = first.subarray(limit);
    return first.subarray(0, limit);
  };

  return {
    get byteLength() {
      return available;
    },
    push(chunk) {
      available += chunk.byteLength;
      if (chunk.byteLength > 0) chunks.push(chunk);
    },
    take(byteLength) {
      if (byteLength > available) return undefined;
      available -= byteLength;
      const first = takeFirst(byteLength);
      if (first.byteLength === byteLength) return first;
      const whole = Buffer.allocUnsafe(byteLength);
      let filled = first.copy(whole);
      while (filled < byteLength) filled += takeFirst(byteLength - filled).copy(whole, filled);
      return whole;
    },
    clear() {
      chunks = [];
      available = 0;
    },
  };
}
