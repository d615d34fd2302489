import type { ServerResponse } from "node:http";

/** Cuts an answer after that many bytes of its body, if it has as many; `cut` is called when they have gone out. */
export function cutAnswer(response: ServerResponse, afterBytes: number, cut: () => void): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let left = afterBytes;
  let over = false;

  /** Answers whether it has been cut. */
  const pass = (chunk: unknown): boolean => {
    if (over) return true;
    const bytes =
      typeof chunk === "string" ? Buffer.from(chunk) : chunk instanceof Uint8Array ? chunk : undefined;
    if (!bytes || bytes.byteLength < left) {
      left -= bytes?.byteLength ?? 0;
      return false;
    }
    over = true;
    // At 0 bytes there is the head alone, which nothing else would send.
    response.flushHeaders();
    if (left === 0) setImmediate(cut);
    else write(bytes.subarray(0, left), cut);
    return true;
  };

  response.write = (chunk: unknown): boolean => pass(chunk) || write(chunk);
  response.end = (chunk?: unknown) => {
    if (pass(typeof chunk === "function" ? undefined : chunk)) return response;
    return chunk === undefined ? end() : end(chunk);
  };
}
