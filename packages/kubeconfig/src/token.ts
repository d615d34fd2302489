import { bad } from "./fields.ts";
import { readText } from "./files.ts";
import type { ResolvedContext } from "./resolve.ts";
import { type Secret, secret } from "./secret.ts";

/** How long a token read from a file is used before the file is read again; client-go's period. */
export const tokenPeriodMs = 60_000;

/** Answers with the token to send now. */
export type TokenSource = () => Promise<string>;

/**
 * The tokens of a context, from its file before its own, as in client-go. What cannot be sent is an error now;
 * later a file that has become unreadable leaves the last token in use.
 */
export async function openToken(
  context: ResolvedContext,
  now: () => number = () => performance.now(),
): Promise<TokenSource | undefined> {
  const own = context.token && checkToken(context.token, "the token");
  if (context.tokenFile === undefined) return own && (async () => own.reveal());
  return openTokenFile(context.tokenFile, own, now);
}

async function openTokenFile(path: string, own: Secret | undefined, now: () => number): Promise<TokenSource> {
  let readAt = now();
  let reading = read(path);
  let last = await reading.catch((error: unknown) => {
    if (own === undefined) throw error;
    return own;
  });
  return async () => {
    if (now() - readAt >= tokenPeriodMs) {
      readAt = now();
      reading = read(path);
    }
    // A file that can no longer be read leaves the last token in use.
    last = await reading.catch(() => last);
    return last.reveal();
  };
}

async function read(path: string): Promise<Secret> {
  const text = await readText(path, "the token file");
  return checkToken(secret(text.trim()), `the token file ${path}`);
}

/** A token goes into a header; the platform's error for one that cannot would quote it. */
function checkToken(token: Secret, where: string): Secret {
  const text = token.reveal();
  if (text === "") throw bad(`${where} is empty`);
  if (!/^[\x21-\x7e]+$/.test(text)) throw bad(`${where} has a character that a header cannot carry`);
  return token;
}
