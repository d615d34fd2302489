import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateSpool, Spool } from "../spool.ts";

const readBytes = 262_144;

/**
 * Spools into a file of at most the limit, used in a circle, in the folder for temporary files. The file has no name
 * any more when it is used (on Windows, until it is disposed of), so nothing is left even by a program that crashes.
 */
export const createFileSpool: CreateSpool = (limitBytes) => {
  let file: Promise<SpoolFile> | undefined;
  let written = 0;
  let read = 0;
  let disposed = false;
  /** Writes, one behind the other. */
  let tail: Promise<void> = Promise.resolve();
  let waiting: Uint8Array[] = [];

  const flush = async (): Promise<void> => {
    const chunks = waiting;
    waiting = [];
    if (chunks.length === 0 || disposed) return;
    file ??= openSpoolFile();
    const { handle } = await file;
    for (const chunk of chunks) {
      for (const [bytes, position] of pieces(chunk, written, limitBytes)) {
        await writeAll(handle, bytes, position);
      }
      written += chunk.byteLength;
    }
  };

  let accepted = 0;
  const spool: Spool = {
    get byteLength() {
      return accepted - read;
    },
    get bufferedBytes() {
      return accepted - written;
    },
    write(bytes) {
      if (disposed || accepted - read + bytes.byteLength > limitBytes) return false;
      // Not slice, which does not copy a Buffer's bytes.
      waiting.push(new Uint8Array(bytes));
      accepted += bytes.byteLength;
      tail = tail.then(flush);
      // Whoever wants to know asks `written`, or meets it in `read`.
      tail.catch(() => undefined);
      return true;
    },
    written: () => tail,
    async read() {
      if (disposed || accepted === read) return new Uint8Array(0);
      if (written === read) await tail;
      if (disposed || !file) return new Uint8Array(0);
      const { handle } = await file;
      const position = read % limitBytes;
      const length = Math.min(readBytes, written - read, limitBytes - position);
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, position);
      read += bytesRead;
      return bytes.subarray(0, bytesRead);
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      waiting = [];
      await tail.catch(() => undefined);
      const opened = await file?.catch(() => undefined);
      await opened?.remove().catch(() => undefined);
    },
  };
  return spool;
};

interface SpoolFile {
  readonly handle: FileHandle;
  remove(): Promise<void>;
}

async function openSpoolFile(): Promise<SpoolFile> {
  const folder = await mkdtemp(join(tmpdir(), "podwire-spool-"));
  const handle = await open(join(folder, "spool"), "wx+", 0o600);
  const remove = () => rm(folder, { recursive: true, force: true });
  // An open file needs no name, except on Windows.
  if (process.platform !== "win32") await remove();
  return {
    handle,
    async remove() {
      await handle.close();
      await remove();
    },
  };
}

/** Where bytes go in a file used in a circle: in one piece, or in two around its end. */
function* pieces(bytes: Uint8Array, start: number, capacity: number): Generator<[Uint8Array, number]> {
  let position = start % capacity;
  let rest = bytes;
  while (rest.byteLength > 0) {
    const piece = rest.subarray(0, capacity - position);
    yield [piece, position];
    rest = rest.subarray(piece.byteLength);
    position = 0;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}
