import { KubeconfigError } from "./errors.ts";
import { bad } from "./fields.ts";
import type { Impersonation } from "./kubeconfig.ts";

/**
 * The headers that ask the server to act for somebody else.
 * Every one is sent once: the platform's clients join a repeated header with commas, which the server does not
 * split, so a second value could only be sent wrongly.
 */
export function impersonationHeaders(impersonation: Impersonation, userName: string): Record<string, string> {
  const who = `user ${JSON.stringify(userName)}`;
  if (impersonation.user === undefined) {
    throw bad(`${who} has as-uid, as-groups or as-user-extra without as`);
  }
  const headers: Record<string, string> = {
    "Impersonate-User": headerValue(impersonation.user, `as of ${who}`),
  };
  if (impersonation.uid !== undefined) {
    headers["Impersonate-Uid"] = headerValue(impersonation.uid, `as-uid of ${who}`);
  }
  const group = onlyValue(impersonation.groups, `as-groups of ${who}`);
  if (group !== undefined) headers["Impersonate-Group"] = group;
  for (const [key, values] of impersonation.extra) {
    const value = onlyValue(values, `as-user-extra of ${who}`);
    if (value !== undefined) headers[`Impersonate-Extra-${headerKey(key)}`] = value;
  }
  return headers;
}

function onlyValue(values: readonly string[], where: string): string | undefined {
  const [value, second] = values;
  if (second !== undefined) {
    throw new KubeconfigError("UNSUPPORTED_AUTH", `${where} has several values; only one can be sent`);
  }
  return value === undefined ? undefined : headerValue(value, where);
}

/** The UTF-8 bytes of a value, one character each: how HTTP clients send them as they are. */
function headerValue(value: string, where: string): string {
  const bytes = Buffer.from(value, "utf8").toString("latin1");
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(bytes)) throw bad(`${where} has a control character`);
  return bytes;
}

/** Escapes as client-go does what no header name can hold; names are lower-case for the server anyway. */
function headerKey(key: string): string {
  return Array.from(Buffer.from(key.toLowerCase(), "utf8"), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9!#$&'*+.^_`|~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
