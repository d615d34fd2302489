import { type ContainerLog, type LogBlock, piecesOf } from "./container-log.ts";
import type { LogOptions } from "./log-options.ts";

/**
 * The text of a log from where its reader wants it, to the end that it has now, or until the container has ended. One
 * who is so slow that what he has not read is dropped goes on with what there is.
 */
export async function* readLog(
  log: ContainerLog,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let { number, skip } = tailOf(log, options.tailLines);
  let left = options.limitBytes;
  const last = log.next;
  while (!signal.aborted) {
    number = Math.max(number, log.first);
    const block = options.follow || number < last ? log.block(number) : undefined;
    if (block) {
      const text = textOf(block, skip, options).subarray(0, left);
      if (text.byteLength > 0) yield text;
      left -= text.byteLength;
      if (left <= 0) return;
      number += 1;
      skip = 0;
    } else {
      if (!options.follow || log.ended) return;
      await log.more(number, signal);
    }
  }
}

/** Where so many lines from the end begin: a block, and how many lines of it are too many. */
function tailOf(log: ContainerLog, lines: number): { readonly number: number; readonly skip: number } {
  if (lines === Number.POSITIVE_INFINITY) return { number: log.first, skip: 0 };
  let wanted = lines;
  for (let number = log.next; wanted > 0; number -= 1) {
    const block = log.block(number - 1);
    if (!block) return { number, skip: 0 };
    const count = [...piecesOf(block)].length;
    if (count >= wanted) return { number: number - 1, skip: count - wanted };
    wanted -= count;
  }
  return { number: log.next, skip: 0 };
}

function textOf(block: LogBlock, skip: number, { sinceMs, timestamps }: LogOptions): Uint8Array {
  if (block.timeMs < sinceMs) return new Uint8Array();
  if (skip === 0 && !timestamps) return block.bytes;
  const prefix = timestamps ? Buffer.from(`${timeOf(block.timeMs)} `) : Buffer.alloc(0);
  const pieces = [...piecesOf(block)].slice(skip);
  return Buffer.concat(pieces.flatMap(({ bytes, startsLine }) => (startsLine ? [prefix, bytes] : [bytes])));
}

/** With nine digits of the second, as a kubelet writes it. */
function timeOf(timeMs: number): string {
  const wholeMs = Math.floor(timeMs);
  const nanoseconds = Math.floor((timeMs - wholeMs) * 1_000_000);
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${String(nanoseconds).padStart(6, "0")}Z`;
}
