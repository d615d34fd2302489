import { createDeadline } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { concat } from "./concat.ts";
import type { ChannelClaim } from "./output-channel.ts";

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

/** Reads until the pattern appears; takes exactly the bytes up to its end, and none on failure. */
export async function readUntil(
  claim: ChannelClaim,
  pattern: string | RegExp,
  options: UntilOptions = {},
): Promise<UntilMatch> {
  const limitBytes = options.limitBytes ?? 1_048_576;
  const search = createSearch(pattern);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const chunks: Uint8Array[] = [];
  let length = 0;
  let text = "";
  let reading: Promise<Uint8Array | undefined> | undefined;
  const fail = (
    code: "PATTERN_NOT_FOUND" | "TIMEOUT" | "LIMIT_EXCEEDED",
    what: string,
    cause?: unknown,
  ): ClientError =>
    new ClientError(code, `${what} before ${String(pattern)} appeared`, { transcript: text, cause });
  const deadline = createDeadline(options.signal, options.timeoutMs, () =>
    fail("TIMEOUT", `${options.timeoutMs} ms passed`),
  );
  try {
    for (;;) {
      reading = claim.read();
      const chunk = await deadline.race(reading);
      if (!chunk) throw fail("PATTERN_NOT_FOUND", "the output ended");
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
      if (length > limitBytes) throw fail("LIMIT_EXCEEDED", `${limitBytes} bytes were read`);
    }
  } catch (error) {
    // A chunk may have been handed out in the very moment of the timeout.
    claim.cancelRead();
    const late = await reading?.catch(() => undefined);
    if (late && late !== chunks.at(-1)) chunks.push(late);
    for (const chunk of chunks.splice(0).reverse()) claim.unread(chunk);
    if (error instanceof ClientError && error.transcript === undefined) {
      throw new ClientError(error.code, `${error.message} (waiting for ${String(pattern)})`, {
        transcript: text,
        cause: error,
      });
    }
    throw error;
  } finally {
    deadline.dispose();
    claim.release();
  }
}

function createSearch(
  pattern: string | RegExp,
): (text: string) => { end: number; match: UntilMatch } | undefined {
  if (typeof pattern === "string") {
    let searched = 0;
    return (text) => {
      const at = text.indexOf(pattern, Math.max(0, searched - pattern.length));
      searched = text.length;
      if (at < 0) return undefined;
      return { end: at + pattern.length, match: { before: text.slice(0, at), match: pattern, groups: [] } };
    };
  }
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
