/** Holds bytes that arrive against the repeated bytes that should. */
export interface Checker {
  readonly byteLength: number;
  take(chunk: Uint8Array): void;
  /** Throws unless exactly this many bytes arrived, and none was found wrong. */
  finish(totalBytes: number): void;
}

/**
 * Looks at the first and the last byte of each chunk and at one in `step` between: lost, doubled and moved frames
 * show, and what is measured is still the contender and not the check. A step of 1 looks at every byte.
 */
export function createChecker(expected: Uint8Array, step = 4_096): Checker {
  const period = expected.byteLength;
  let byteLength = 0;
  let wrongAt: number | undefined;

  const look = (chunk: Uint8Array, index: number): void => {
    if (chunk[index] !== expected[(byteLength + index) % period]) wrongAt ??= byteLength + index;
  };

  return {
    get byteLength() {
      return byteLength;
    },
    take(chunk) {
      for (let index = 0; index < chunk.byteLength; index += step) look(chunk, index);
      if (chunk.byteLength > 0) look(chunk, chunk.byteLength - 1);
      byteLength += chunk.byteLength;
    },
    finish(totalBytes) {
      if (wrongAt !== undefined) throw new Error(`wrong byte at ${wrongAt}`);
      if (byteLength !== totalBytes) throw new Error(`${byteLength} bytes arrived instead of ${totalBytes}`);
    },
  };
}
