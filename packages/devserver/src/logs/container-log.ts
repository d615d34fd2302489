import type { Listener } from "../containers/broadcast.ts";

/**
 * What was written at one time by one output: lines, each with its newline, or a piece of a line that is too long or
 * was never finished.
 */
export interface LogBlock {
  /** Since 1970, with fractions. */
  readonly timeMs: number;
  readonly bytes: Uint8Array;
  /** False when it goes on with the line of the piece before it. */
  readonly startsLine: boolean;
}

/**
 * What one instance of a container has written, as much of it as is kept. Its blocks are numbered, and a reader goes
 * from one to the next at its own pace; the container never waits for it.
 */
export interface ContainerLog {
  /** The oldest block that is kept. */
  readonly first: number;
  /** The block to come. */
  readonly next: number;
  block(number: number): LogBlock | undefined;
  /** Whether no block is to come. */
  readonly ended: boolean;
  /** Resolves when this block is there, or none is to come, or the signal is aborted. */
  more(number: number, signal: AbortSignal): Promise<void>;
}

/** The end of a log where a container writes to it. */
export interface LogWriter {
  readonly log: ContainerLog;
  /** A listener for one of the container's outputs; it never has enough. The log ends with the last of them. */
  listener(): Listener;
}

/** As a runtime cuts a line. */
const longestPiece = 16_384;
/** What a block costs besides its bytes. */
const blockOverhead = 256;
const newline = 0x0a;

/** A log of so many bytes, of which the oldest ones go, as with rotated files. */
export function createLog(limitBytes: number, now: () => number = sinceEpoch): LogWriter {
  const blocks = new Map<number, LogBlock>();
  let first = 0;
  let next = 0;
  let size = 0;
  let open = 0;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const one of waiting) one();
  };

  const push = (bytes: Uint8Array, startsLine: boolean): void => {
    blocks.set(next, { timeMs: now(), bytes, startsLine });
    next += 1;
    size += bytes.byteLength + blockOverhead;
    // The newest stays, however big it is.
    while (size > limitBytes && first < next - 1) {
      size -= (blocks.get(first)?.bytes.byteLength ?? 0) + blockOverhead;
      blocks.delete(first);
      first += 1;
    }
    wake();
  };

  return {
    log: {
      get first() {
        return first;
      },
      get next() {
        return next;
      },
      block: (number) => blocks.get(number),
      get ended() {
        return open === 0;
      },
      more(number, signal) {
        return new Promise((resolve) => {
          const look = (): void => {
            if (next <= number && open > 0 && !signal.aborted) return;
            waiting.delete(look);
            signal.removeEventListener("abort", look);
            resolve();
          };
          waiting.add(look);
          signal.addEventListener("abort", look);
          look();
        });
      },
    },
    listener() {
      open += 1;
      /** A line that has begun, and whether a piece of it is in the log. */
      let rest = Buffer.alloc(0);
      let startsLine = true;
      return {
        data(bytes) {
          // A copy: what is kept must not hold the chunk that it came in.
          const all = Buffer.concat([rest, bytes]);
          const complete = all.lastIndexOf(newline) + 1;
          if (complete > 0) {
            push(withoutReturns(all.subarray(0, complete)), startsLine);
            startsLine = true;
          }
          let at = complete;
          for (; all.byteLength - at >= longestPiece; at += longestPiece) {
            push(Buffer.from(all.subarray(at, at + longestPiece)), startsLine);
            startsLine = false;
          }
          rest = Buffer.from(all.subarray(at));
          return true;
        },
        end() {
          if (rest.byteLength > 0) push(rest, startsLine);
          open -= 1;
          wake();
        },
      };
    },
  };
}

/** Lines as a runtime logs them: without the carriage return that a terminal puts before the newline. */
function withoutReturns(lines: Buffer): Buffer {
  if (!lines.includes("\r\n")) return lines;
  return Buffer.from(lines.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}

let startMs = performance.timeOrigin;

/** The time of day, finer than `Date` has it, and with it when it is set or kept in step. */
function sinceEpoch(): number {
  const wholeMs = Date.now();
  const fineMs = startMs + performance.now();
  const timeMs = Math.min(Math.max(fineMs, wholeMs), wholeMs + 0.999);
  startMs += timeMs - fineMs;
  return timeMs;
}

/** The lines of a block, and what a runtime would have made several of, each in turn. */
export function* piecesOf({ bytes, startsLine }: LogBlock): Generator<Omit<LogBlock, "timeMs">> {
  let starts = startsLine;
  for (let at = 0; at < bytes.byteLength; ) {
    const found = bytes.indexOf(newline, at);
    const lineEnd = found < 0 ? bytes.byteLength : found + 1;
    // The newline is no part of what is counted.
    const end = (found < 0 ? lineEnd : found) - at > longestPiece ? at + longestPiece : lineEnd;
    yield { bytes: bytes.subarray(at, end), startsLine: starts };
    starts = end === lineEnd;
    at = end;
  }
}
