/** Length after which the pattern repeats: a multiple of every size of frame and write. */
export const patternBytes = 262_144;

/** Bytes without structure, the same in every process, so that a lost, doubled or moved frame shows. */
export const pattern: Uint8Array = createPattern();

/** What a device full of zeros would send. */
export const zeros: Uint8Array = new Uint8Array(patternBytes);

function createPattern(): Uint8Array {
  const bytes = new Uint8Array(patternBytes);
  let state = 0x9e3779b9;
  for (let index = 0; index < patternBytes; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state;
  }
  return bytes;
}

/** The repeated pattern in writes of one size. */
export function* patternWrites(totalBytes: number, writeBytes: number): Generator<Uint8Array> {
  for (let sent = 0; sent < totalBytes; sent += writeBytes) {
    const start = sent % patternBytes;
    yield pattern.subarray(start, start + Math.min(writeBytes, totalBytes - sent));
  }
}
