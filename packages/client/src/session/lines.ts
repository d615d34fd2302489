import { ClientError } from "../errors.ts";
import type { OutputChannel } from "./output-channel.ts";

const longestLineBytes = 16_777_216;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Iterates lines; what follows the last one taken goes back to the channel when the loop is left. */
export async function* iterateLines(channel: OutputChannel): AsyncGenerator<string, undefined> {
  // Here and not before: a generator that is left before it begins has no finally.
  const claim = channel.claim();
  // Cut at LF in bytes: no byte of a longer UTF-8 sequence is 0x0a.
  let started: Uint8Array[] = [];
  let startedBytes = 0;
  let rest: Uint8Array | undefined;
  try {
    for (let chunk = await claim.read(); chunk; chunk = await claim.read()) {
      rest = chunk;
      for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
        const line = decodeLine(started, rest.subarray(0, end));
        rest = rest.subarray(end + 1);
        started = [];
        startedBytes = 0;
        yield line;
      }
      started.push(rest);
      startedBytes += rest.byteLength;
      rest = undefined;
      if (startedBytes > longestLineBytes) {
        throw new ClientError(
          "LIMIT_EXCEEDED",
          `a line is longer than ${longestLineBytes} bytes; read chunks instead`,
        );
      }
    }
    if (startedBytes > 0) {
      const line = decodeLine(started, new Uint8Array(0));
      started = [];
      yield line;
    }
  } finally {
    if (rest) claim.unread(rest);
    for (const chunk of started.reverse()) claim.unread(chunk);
    claim.release();
  }
  return undefined;
}

function decodeLine(started: readonly Uint8Array[], last: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let line = "";
  for (const chunk of started) line += decoder.decode(chunk, { stream: true });
  line += decoder.decode(last);
  return line.charCodeAt(line.length - 1) === carriageReturn ? line.slice(0, -1) : line;
}
