import { base64Of, bytesOfBase64 } from "./base64.ts";
import { CodecError } from "./errors.ts";
import { bytesOf, createUtf8Decoder } from "./utf8.ts";

const prefix = "base64url.bearer.authorization.k8s.io.";

/** A bearer token as a subprotocol name, for pages, which cannot send headers. Offer it last, beside a real one. */
export function bearerSubprotocol(token: string): string {
  if (token === "") throw new RangeError("the token must not be empty");
  return prefix + base64Of(bytesOf(token)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The token in a subprotocol name; undefined when it holds none. Throws `BAD_TOKEN`, never quoting the token. */
export function tokenOfBearerSubprotocol(name: string): string | undefined {
  if (!name.startsWith(prefix) || name === prefix) return undefined;
  const text = name.slice(prefix.length);
  try {
    if (/[^\w-]/.test(text)) throw new RangeError();
    return createUtf8Decoder().decode(bytesOfBase64(text.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    // Without its cause, which might quote the token.
    throw new CodecError("BAD_TOKEN", "not UTF-8 in unpadded base64url");
  }
}
