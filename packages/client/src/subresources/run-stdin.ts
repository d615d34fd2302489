import { ClientError } from "../errors.ts";
import type { StreamSession } from "../session/session.ts";

/** What a command can be given to read. */
export type RunStdin =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>
  | ReadableStream<Uint8Array | string>;

export function checkStdin(stdin: RunStdin): void {
  if (typeof stdin === "string" || stdin instanceof Uint8Array) return;
  if (typeof stdin === "object" && stdin !== null) {
    if (Symbol.asyncIterator in stdin || Symbol.iterator in stdin || "getReader" in stdin) return;
  }
  throw new TypeError(
    "stdin must be a string, a Uint8Array, an iterable of these or a ReadableStream of them",
  );
}

/** Writes all of stdin and ends it; a command that ends without reading everything is no error. */
export async function feed(session: StreamSession, stdin: RunStdin): Promise<void> {
  try {
    for await (const chunk of chunksOf(stdin)) await session.stdin.write(chunk);
    await session.closeStdin();
  } catch (error) {
    if (!(error instanceof ClientError && error.code === "SESSION_ENDED")) throw error;
  }
}

function chunksOf(stdin: RunStdin): AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> {
  if (typeof stdin === "string" || stdin instanceof Uint8Array) return [stdin];
  // Not every platform's streams can be iterated.
  return "getReader" in stdin ? readAll(stdin) : stdin;
}

async function* readAll(
  stream: ReadableStream<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string, void> {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    // Left early, because the command has ended: whoever fills the stream may stop.
    await reader.cancel();
  }
}
