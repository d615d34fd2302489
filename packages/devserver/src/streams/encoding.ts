/** How a channel and its payload become one message. */
export interface Encoding {
  /** Whether messages are binary, and not text. */
  readonly binary: boolean;
  encode(channel: number, payload: Uint8Array): Buffer;
  /** Undefined for what runtimes drop without a word. */
  decode(message: Buffer): { readonly channel: number; readonly payload: Buffer } | undefined;
}

/** A byte for the channel, and the payload. */
export const binaryEncoding: Encoding = {
  binary: true,
  encode(channel, payload) {
    const message = Buffer.allocUnsafe(payload.byteLength + 1);
    message[0] = channel;
    message.set(payload, 1);
    return message;
  },
  decode(message) {
    const [channel] = message;
    return channel === undefined ? undefined : { channel, payload: message.subarray(1) };
  },
};

const digitZero = 0x30;
const padded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A digit for the channel, and the payload in padded base64; anything else is none of it. */
export const base64Encoding: Encoding = {
  binary: false,
  encode(channel, payload) {
    const { buffer, byteOffset, byteLength } = payload;
    return Buffer.from(channel + Buffer.from(buffer, byteOffset, byteLength).toString("base64"));
  },
  decode(message) {
    const text = message.toString("latin1", 1);
    if (message.byteLength === 0 || !padded.test(text)) return undefined;
    return { channel: (message[0] ?? 0) - digitZero, payload: Buffer.from(text, "base64") };
  },
};
