/**
 * A name as one segment of a path. Throws TypeError for what the API server allows no object (its
 * IsValidPathSegmentName): servers decode %2F before they route, and URLs resolve dots, up to another resource.
 */
export function segmentOf(what: string, name: string): string {
  if (typeof name === "string" && /^(?!\.\.?$)[^/%\p{Cs}]+$/u.test(name)) return encodeURIComponent(name);
  throw new TypeError(`${what} must be a name without / and %, and not . or ..`);
}

/** Throws RangeError unless an optional number is a whole one within the bounds. */
export function checkInteger(
  what: string,
  value: number | undefined,
  least = 1,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new RangeError(`${what} must be an integer from ${least} to ${most}, not ${value}`);
}

/** Throws RangeError for a time limit that setTimeout would take for "now". */
export function checkTimeout(what: string, value: number | undefined): void {
  checkInteger(what, value, 1, 2_147_483_647);
}

/** A token goes into a header; the platform's own error for one that cannot would quote it. */
export function checkToken(token: string): string {
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new TypeError("a token must be a non-empty string of visible ASCII characters");
}

/** A token is readable for everybody on the way of plain http, unless that never leaves this machine (RFC 6761 6.3). */
export function checkSecrecy({ protocol, hostname }: URL): void {
  if (protocol === "https:" || /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return;
  throw new TypeError("a token over plain http can be read on the way: use https, or `allowInsecure`");
}
