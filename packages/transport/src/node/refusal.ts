import type { IncomingMessage } from "node:http";
import type { Credential } from "../connection.ts";
import type { RefusedUpgrade } from "../errors.ts";
import { redact } from "./options.ts";

const bodyLimitBytes = 64 * 1024;
const bodyTimeoutMs = 2_000;

/** Reads what a server said instead of 101: 64 KiB of it, for two seconds, whatever comes first. */
export function readRefusal(
  response: IncomingMessage,
  credential: Credential | undefined,
): Promise<RefusedUpgrade> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(deadline);
      // Streaming: a character cut at the limit is left out instead of becoming U+FFFD.
      const body = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, bodyLimitBytes), {
        stream: true,
      });
      resolve({
        status: response.statusCode ?? 0,
        headers: headersOf(response, credential),
        body: withoutQueries(redact(body, credential)),
      });
    };
    const deadline = setTimeout(finish, bodyTimeoutMs);
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length >= bodyLimitBytes) finish();
    });
    response.once("end", finish);
    response.once("error", finish);
    response.once("close", finish);
  });
}

/** An API server quotes the URL of the next server, and with it our own query; in JSON as \u0026 for &, like Go. */
function withoutQueries(text: string): string {
  return text.replace(/(https?:\/\/[^\s"?\\]*)\?(?:[^\s"\\]|\\u[0-9a-f]{4})*/gi, "$1");
}

function headersOf(response: IncomingMessage, credential: Credential | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    // A cookie is a credential too, and a redirect repeats our own query.
    if (value === undefined || name === "set-cookie") continue;
    const text = Array.isArray(value) ? value.join(", ") : value;
    headers[name] = redact(name === "location" ? text.replace(/[?#].*/s, "") : text, credential);
  }
  return headers;
}
