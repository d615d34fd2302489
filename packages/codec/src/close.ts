import { Channel } from "./channel.ts";
import { CodecError } from "./errors.ts";
import { checkInteger } from "./integer.ts";

/** The v5 message that closes a channel towards the server, `ff 00` for stdin. Servers of v4 and v1 ignore it. */
export function encodeClose(channel: number): Uint8Array {
  checkInteger("channel", channel, 0, Channel.Resize);
  return Uint8Array.of(Channel.Close, channel);
}

/** The channel that a close message names. Throws `BAD_CLOSE`, on which servers end the whole connection. */
export function decodeClose(message: Uint8Array): number {
  const [first, channel = Channel.Close] = message;
  if (message.byteLength === 2 && first === Channel.Close && channel <= Channel.Resize) return channel;
  throw new CodecError("BAD_CLOSE", "not ff and a channel from 0 to 4");
}
