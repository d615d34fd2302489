import { checkInteger, checkTimeout } from "../arguments.ts";
import { createDeadline, type Deadline } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { concat } from "./concat.ts";
import type { ChannelClaim, OutputChannel } from "./output-channel.ts";

export interface UntilOptions {
  /** Time to wait for the match, in milliseconds; without it, until the output ends. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Most bytes to search before `LIMIT_EXCEEDED`; 1 MiB by default. */
  readonly limitBytes?: number;
}

/** Where `until` found its pattern. */
export interface UntilMatch {
  /** Everything before the match. */
  readonly before: string;
  /** The text that matched. */
  readonly match: string;
  /** Capture groups of a regular expression; a group that took no part is undefined. */
  readonly groups: readonly (string | undefined)[];
}

/** Finds the pattern in the text so far, and the length of the text up to its end. */
type Search = (text: string) => { readonly end: number; readonly match: UntilMatch } | undefined;

/** Reads until the pattern appears; takes exactly the bytes up to its end, and none on failure. */
export async function readUntil(
  channel: OutputChannel,
  pattern: string | RegExp,
  options: UntilOptions = {},
): Promise<UntilMatch> {
  const { signal, timeoutMs, limitBytes = 1_048_576 } = options;
  checkTimeout("timeoutMs", timeoutMs);
  checkInteger("limitBytes", limitBytes);
  const search = createSearch(pattern);
  const deadline = createDeadline(signal, timeoutMs, () => `${timeoutMs} ms passed`);
  try {
    return await find(channel.claim(), search, deadline, limitBytes, `before ${pattern} appeared`);
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    deadline.dispose();
  }
}

async function find(
  claim: ChannelClaim,
  search: Search,
  deadline: Deadline,
  limitBytes: number,
  before: string,
): Promise<UntilMatch> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const chunks: Uint8Array[] = [];
  let length = 0;
  let text = "";
  let reading: Promise<Uint8Array | undefined> | undefined;
  try {
    for (;;) {
      const chunk = await deadline.race(() => {
        reading = claim.read();
        return reading;
      });
      if (!chunk) throw new ClientError("PATTERN_NOT_FOUND", "the output ended");
      chunks.push(chunk);
      length += chunk.byteLength;
      text += decoder.decode(chunk, { stream: true });
      const found = search(text);
      if (found) {
        const bytes = concat(chunks.splice(0));
        const end = byteOffset(bytes, found.end);
        claim.unread(bytes.subarray(end));
        return found.match;
      }
      if (length > limitBytes) throw new ClientError("LIMIT_EXCEEDED", `${limitBytes} bytes were read`);
    }
  } catch (error) {
    // A chunk may have been handed out in the very moment of the timeout.
    claim.cancelRead();
    const late = await reading?.catch(() => undefined);
    if (late && late !== chunks.at(-1)) chunks.push(late);
    for (const chunk of chunks.splice(0).reverse()) claim.unread(chunk);
    if (!(error instanceof ClientError)) throw error;
    const { code, message, cause } = error;
    throw new ClientError(code, `${message} ${before}`, { transcript: text, cause });
  } finally {
    claim.release();
  }
}

function createSearch(pattern: string | RegExp): Search {
  if (typeof pattern === "string") {
    let searched = 0;
    return (text) => {
      const at = text.indexOf(pattern, Math.max(0, searched - pattern.length));
      searched = text.length;
      if (at < 0) return undefined;
      return { end: at + pattern.length, match: { before: text.slice(0, at), match: pattern, groups: [] } };
    };
  }
  if (!(pattern instanceof RegExp)) throw new TypeError("the pattern must be a string or a RegExp");
  const expression = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  return (text) => {
    const found = expression.exec(text);
    if (!found) return undefined;
    const [match, ...groups] = found;
    return {
      end: found.index + match.length,
      match: { before: text.slice(0, found.index), match, groups },
    };
  };
}

/** The fewest bytes that decode to `length` UTF-16 units; by search, as broken UTF-8 has no formula. */
function byteOffset(bytes: Uint8Array, length: number): number {
  let low = 0;
  let high = bytes.byteLength;
  while (low < high) {
    const middle = (low + high) >> 1;
    const units = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, middle), {
      stream: true,
    }).length;
    if (units < length) low = middle + 1;
    else high = middle;
  }
  return low;
}
