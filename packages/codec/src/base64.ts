import { CodecError } from "./errors.ts";
import { checkChannel, type Frame } from "./frame.ts";

const zero = 48;
/** A channel is one ASCII character counted from "0", so it ends at 127 - 48. */
const lastChannel = 79;
/** Arguments of one call: far below every engine's limit. */
const step = 8_192;

/** A text message of the base64 subprotocols: the channel's character and padded standard base64. */
export function encodeBase64Frame(channel: number, payload: Uint8Array): string {
  checkChannel(channel, lastChannel);
  return String.fromCharCode(zero + channel) + base64Of(payload);
}

/** Takes a text message apart. Throws `EMPTY_MESSAGE`, `BAD_CHANNEL`, or `BAD_BASE64` (also for missing padding). */
export function decodeBase64Frame(message: string): Frame {
  if (message === "") throw new CodecError("EMPTY_MESSAGE", "a message needs at least its channel character");
  const channel = message.charCodeAt(0) - zero;
  if (channel < 0 || channel > lastChannel) {
    throw new CodecError("BAD_CHANNEL", 'the first character must be the channel, counted from "0"');
  }
  const text = message.slice(1);
  // atob forgives white space and missing padding; the servers' decoder does not.
  if (text.length % 4 !== 0 || /[^A-Za-z0-9+/=]/.test(text)) throw badBase64();
  return { channel, payload: bytesOfBase64(text) ?? fail() };
}

export function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.byteLength; at += step) {
    binary += String.fromCharCode(...bytes.subarray(at, at + step));
  }
  return btoa(binary);
}

/** The bytes, or undefined when this is no base64. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function badBase64(): CodecError {
  return new CodecError("BAD_BASE64", "the payload must be padded standard base64 (RFC 4648, section 4)");
}

function fail(): never {
  throw badBase64();
}
