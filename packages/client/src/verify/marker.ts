import { concat } from "../session/concat.ts";

/** What the shell program says behind each output. */
export interface Marker {
  /** Process number of the shell that waits. */
  readonly pid: number;
  readonly exitCode: number;
  /** Bytes that the command wrote; undefined where the container could not count them. */
  readonly stdoutBytes: number | undefined;
  readonly stderrBytes: number | undefined;
}

/** Takes the marker off the end of one output. */
export interface MarkerFilter {
  /** Undefined until it has come. */
  readonly marker: Marker | undefined;
  /** What is the command's own of these bytes; what may be the beginning of the marker waits for the next call. */
  push(bytes: Uint8Array): Uint8Array;
  /** What waits, when nothing comes any more: no marker, hence the command's own. */
  end(): Uint8Array;
}

/** An unguessable name, so that no output holds it by chance. */
export function markerName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

const nothing = new Uint8Array(0);
/** Longest text between the two names; more is no marker. */
const longestText = 256;

export function createMarkerFilter(name: string): MarkerFilter {
  const pattern = new TextEncoder().encode(name);
  const find = createSearch(pattern);
  let held = nothing;
  let marker: Marker | undefined;

  return {
    get marker() {
      return marker;
    },
    push(chunk) {
      const bytes = held.byteLength > 0 ? concat([held, chunk]) : chunk;
      held = nothing;
      const start = find(bytes, 0);
      if (marker || start < 0) {
        const kept = marker ? 0 : beginningLength(bytes, pattern);
        held = bytes.slice(bytes.byteLength - kept);
        return bytes.subarray(0, bytes.byteLength - kept);
      }
      const end = find(bytes, start + pattern.byteLength);
      if (end >= 0) marker = markerOf(bytes.subarray(start + pattern.byteLength, end));
      if (marker) {
        const rest = bytes.subarray(end + pattern.byteLength);
        return rest.byteLength > 0 ? concat([bytes.subarray(0, start), rest]) : bytes.subarray(0, start);
      }
      // Two names with something else in between, or the second one too far away: not the program's.
      if (end >= 0 || bytes.byteLength - start > longestText) return bytes;
      held = bytes.slice(start);
      return bytes.subarray(0, start);
    },
    end() {
      const rest = held;
      held = nothing;
      return rest;
    },
  };
}

function markerOf(bytes: Uint8Array): Marker | undefined {
  const text = new TextDecoder().decode(bytes);
  // The two counts come in the order in which the outputs ended.
  const [, pid, exitCode, counts = ""] =
    /^ (\d+) code (\d{1,3})((?: std(?:out|err) \d+)*) $/.exec(text) ?? [];
  if (pid === undefined) return undefined;
  const countOf = (channel: string): number | undefined => {
    const [, count] = new RegExp(` ${channel} (\\d+)`).exec(counts) ?? [];
    return count === undefined ? undefined : Number(count);
  };
  return {
    pid: Number(pid),
    exitCode: Number(exitCode),
    stdoutBytes: countOf("stdout"),
    stderrBytes: countOf("stderr"),
  };
}

/** How many of the last bytes are a beginning of the pattern. */
function beginningLength(bytes: Uint8Array, pattern: Uint8Array): number {
  let length = Math.min(bytes.byteLength, pattern.byteLength - 1);
  while (length > 0 && !startsWith(bytes, bytes.byteLength - length, pattern, length)) length -= 1;
  return length;
}

function startsWith(bytes: Uint8Array, at: number, pattern: Uint8Array, length: number): boolean {
  for (let index = 0; index < length; index += 1) if (bytes[at + index] !== pattern[index]) return false;
  return true;
}

/** Horspool's search: looks at one byte in 32 of an output that has nothing of the pattern. */
function createSearch(pattern: Uint8Array): (bytes: Uint8Array, from: number) => number {
  const last = pattern.byteLength - 1;
  const skips = new Uint8Array(256).fill(pattern.byteLength);
  for (const [index, byte] of pattern.subarray(0, last).entries()) skips[byte] = last - index;
  return (bytes, from) => {
    for (let at = from; at + last < bytes.byteLength; at += skips[bytes[at + last] ?? 0] ?? 1) {
      if (startsWith(bytes, at, pattern, pattern.byteLength)) return at;
    }
    return -1;
  };
}
