/** A place outside memory for bytes that nobody has read yet: first in, first out, up to a limit. */
export interface Spool {
  /** Bytes written and not yet read. */
  readonly byteLength: number;
  /** Of these, the bytes that are still in memory. */
  readonly bufferedBytes: number;
  /**
   * Takes bytes, which may be reused as soon as this returns; false when they would exceed the limit, and then
   * takes none of them.
   */
  write(bytes: Uint8Array): boolean;
  /** Resolves when what was written is no longer in memory, or rejects with what prevents it. */
  written(): Promise<void>;
  /** The next bytes, now the caller's; empty when there are none. One call at a time. */
  read(): Promise<Uint8Array>;
  /** Gives everything back. Idempotent, never rejects. */
  dispose(): Promise<void>;
}

export type CreateSpool = (limitBytes: number) => Spool;
