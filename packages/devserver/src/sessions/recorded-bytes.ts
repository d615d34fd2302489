/** What went one way, from its beginning on. */
export interface RecordedBytes {
  /** Of all that went. */
  readonly byteLength: number;
  /** A copy of what is kept: the first 1,048,576 bytes. */
  readonly bytes: Uint8Array;
  /** What is kept, as UTF-8. */
  text(): string;
}

/** What is written down of one direction. */
export interface ByteRecorder extends RecordedBytes {
  /** What is kept, as it is. */
  view(): Buffer;
  /** Keeps a copy of what there is room for: the bytes are the caller's again. */
  push(bytes: Uint8Array): void;
}

const keptOfOneBytes = 1_048_576;

/** `room` says how many of some bytes may be kept, and counts them. */
export function createByteRecorder(room: (byteLength: number) => number): ByteRecorder {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let byteLength = 0;
  const whole = (): Buffer => {
    const all = kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept);
    kept = [all];
    return all;
  };
  const recorder: ByteRecorder = {
    get byteLength() {
      return byteLength;
    },
    view: whole,
    get bytes() {
      return Uint8Array.from(whole());
    },
    text: () => whole().toString(),
    push(bytes) {
      // A gap would make of two pieces what never was one.
      const wanted = keptBytes === byteLength ? Math.min(bytes.byteLength, keptOfOneBytes - keptBytes) : 0;
      byteLength += bytes.byteLength;
      const length = wanted > 0 ? room(wanted) : 0;
      if (length === 0) return;
      keptBytes += length;
      kept.push(Buffer.from(bytes.subarray(0, length)));
    },
  };
  // In JSON each byte would be a key of its own.
  return Object.defineProperty(recorder, "bytes", { enumerable: false });
}
