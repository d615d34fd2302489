import { CodecError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { checkInteger } from "./integer.ts";

const zero = 48;
/** A channel is one ASCII character counted from "0", so it ends at 127 - 48. */
const lastChannel = 79;

/** A text message of the base64 subprotocols: the channel's character and padded standard base64. */
export function encodeBase64Frame(channel: number, payload: Uint8Array): string {
  checkInteger("channel", channel, 0, lastChannel);
  return String.fromCharCode(zero + channel) + base64Of(payload);
}

/** Takes a text message apart. Throws `EMPTY_MESSAGE`, `BAD_CHANNEL`, or `BAD_BASE64` (also for missing padding). */
export function decodeBase64Frame(message: string): Frame {
  if (message === "") throw new CodecError("EMPTY_MESSAGE", "no channel");
  const channel = message.charCodeAt(0) - zero;
  if (channel < 0 || channel > lastChannel) throw new CodecError("BAD_CHANNEL", "no channel");
  try {
    // atob forgives missing padding and white space; the servers' decoder does not.
    if (message.length % 4 !== 1 || /\s/.test(message)) throw new RangeError();
    return { channel, payload: bytesOfBase64(message.slice(1)) };
  } catch (cause) {
    throw new CodecError("BAD_BASE64", "not padded standard base64", { cause });
  }
}

export function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Throws when this is no base64; forgives white space and missing padding. */
export function bytesOfBase64(text: string): Uint8Array {
  const binary = atob(text);
  // What takes a string as an iterable needs several times as long.
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
