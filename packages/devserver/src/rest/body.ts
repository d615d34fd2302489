import type { IncomingMessage } from "node:http";
import { badRequest, refusal } from "../status.ts";

const limitBytes = 3_145_728;

/** Reads a JSON body; undefined when there is none. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > limitBytes) {
      const message = `Request entity too large: limit is ${limitBytes}`;
      throw refusal(413, "RequestEntityTooLarge", message);
    }
    chunks.push(chunk);
  }
  if (length === 0) return undefined;
  const type = request.headers["content-type"] ?? "application/json";
  if (!/^application\/json\b/i.test(type)) {
    const message = `the body of the request was in an unknown format (${type}): devserver accepts application/json`;
    throw refusal(415, "UnsupportedMediaType", message);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw badRequest(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
