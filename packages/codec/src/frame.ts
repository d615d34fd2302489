import { CodecError } from "./errors.ts";
import { checkInteger } from "./integer.ts";

/** One message taken apart. */
export interface Frame {
  /** Any byte: a channel you do not know is to be ignored, as every server and client does. */
  readonly channel: number;
  /** Decoded from binary it is a view into the message: copy what you keep. */
  readonly payload: Uint8Array;
}

/** A binary message: one channel byte and the payload, in one allocation. */
export function encodeFrame(channel: number, payload: Uint8Array): Uint8Array {
  checkInteger("channel", channel, 0, 255);
  const message = new Uint8Array(payload.byteLength + 1);
  message[0] = channel;
  message.set(payload, 1);
  return message;
}

/** Takes a binary message apart without copying. Throws `EMPTY_MESSAGE` when even the channel is missing. */
export function decodeFrame(message: Uint8Array): Frame {
  const channel = message[0];
  if (channel === undefined) throw new CodecError("EMPTY_MESSAGE", "no channel");
  // Not subarray: of a Node Buffer that would be a Buffer, whose slice() does not copy.
  return { channel, payload: new Uint8Array(message.buffer, message.byteOffset + 1, message.byteLength - 1) };
}
