import { concat } from "./concat.ts";
import type { ChannelClaim, OutputChannel } from "./output-channel.ts";

/** So many bytes of small messages are worth joining: what a byte stream does for each chunk costs more than a copy. */
const joinedBytes = 65_536;

/** The rest of a channel as a byte stream; `busy` says that somebody else reads it. */
export function createReadable(channel: OutputChannel, busy: () => void): ReadableStream<Uint8Array> {
  let claimed: ChannelClaim | undefined;
  // Not before it is read: a look at the property, such as a debugger's, must not take the output.
  const take = (): ChannelClaim => {
    try {
      claimed ??= channel.claim();
      return claimed;
    } catch (error) {
      busy();
      throw error;
    }
  };
  return new ReadableStream({
    type: "bytes",
    pull(controller): Promise<void> | undefined {
      const claim = take();
      const first = claim.take();
      if (first) {
        controller.enqueue(transferable(first, claim));
        return undefined;
      }
      return new Promise((resolve, reject) => {
        const taken = (bytes: Uint8Array | undefined): void => {
          if (bytes) {
            controller.enqueue(transferable(bytes, claim));
          } else {
            claim.release();
            controller.close();
            controller.byobRequest?.respond(0);
          }
          resolve();
        };
        claim.wait(taken, (error) => {
          claim.release();
          reject(error);
        });
      });
    },
    cancel() {
      const claim = take();
      claim.discard();
      claim.release();
    },
  });
}

/**
 * Bytes whose buffer a byte stream may take away: their own, when nothing else is in it but the channel before them,
 * or a copy, then together with what else is at hand.
 */
function transferable(first: Uint8Array, claim: ChannelClaim): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = first;
  if (buffer instanceof ArrayBuffer && buffer.byteLength - byteLength <= 1) {
    return new Uint8Array(buffer, first.byteOffset, byteLength);
  }
  const chunks = [first];
  let length = byteLength;
  while (length < joinedBytes) {
    const next = claim.take();
    if (!next) break;
    chunks.push(next);
    length += next.byteLength;
  }
  return concat(chunks);
}
