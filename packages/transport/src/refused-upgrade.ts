import type { Credential } from "./connection.ts";
import type { RefusedUpgrade } from "./errors.ts";

/** As much of a body as is read. */
export const refusalLimitBytes: number = 64 * 1024;
/** As long as a body is read. */
export const refusalTimeoutMs = 2_000;

/** Makes what may be shown of the answer to a refused upgrade: no credential, no cookie, no URL's query. */
export function refusedUpgrade(
  status: number,
  headers: Iterable<readonly [name: string, value: string]>,
  body: Uint8Array,
  credential: Credential | undefined,
): RefusedUpgrade {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) {
    // A cookie is a credential too, and a redirect repeats our own query.
    if (name === "set-cookie") continue;
    shown[name] = redact(name === "location" ? value.replace(/[?#].*/s, "") : value, credential);
  }
  // Streaming: a character cut at the limit is left out instead of becoming U+FFFD.
  const text = new TextDecoder().decode(body.subarray(0, refusalLimitBytes), { stream: true });
  return { status, headers: shown, body: withoutQueries(redact(text, credential)) };
}

/** Blackens every form of the credential in a text that the server wrote. */
function redact(text: string, credential: Credential | undefined): string {
  if (!credential) return text;
  const { authorization, subprotocol } = credential;
  const bare = authorization.slice(authorization.indexOf(" ") + 1);
  let redacted = text;
  for (const secret of [authorization, bare, subprotocol]) {
    if (secret !== "") redacted = redacted.replaceAll(secret, "[redacted]");
  }
  return redacted;
}

/** An API server quotes the URL of the next server, and with it our own query; in JSON as \u0026 for &, like Go. */
function withoutQueries(text: string): string {
  return text.replace(/(https?:\/\/[^\s"?\\]*)\?(?:[^\s"\\]|\\u[0-9a-f]{4})*/gi, "$1");
}
