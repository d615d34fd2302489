import { Channel } from "./channel.ts";
import { CodecError } from "./errors.ts";
import { checkChannel } from "./frame.ts";

/** The v5 message that closes a channel towards the server, `ff 00` for stdin. Servers of v4 and v1 ignore it. */
export function encodeClose(channel: number): Uint8Array {
  checkChannel(channel, Channel.Resize);
  return Uint8Array.of(Channel.Close, channel);
}

/** The channel that a close message names. Throws `BAD_CLOSE`, on which servers end the whole connection. */
export function decodeClose(message: Uint8Array): number {
  const [first, channel] = message;
  if (
    message.byteLength !== 2 ||
    first !== Channel.Close ||
    channel === undefined ||
    channel > Channel.Resize
  ) {
    throw new CodecError("BAD_CLOSE", "a close message is exactly two bytes: ff and a channel from 0 to 4");
  }
  return channel;
}
