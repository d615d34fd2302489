import type { MessageKind } from "../websocket/web-socket.ts";

/** How a channel and its payload become one message. */
export interface Encoding {
  readonly kind: MessageKind;
  /** The parts of a message, the payload as it is where that can be. */
  encode(channel: number, payload: Uint8Array): readonly Uint8Array[];
  /** Undefined for what runtimes drop without a word. */
  decode(message: Buffer): { readonly channel: number; readonly payload: Buffer } | undefined;
}

/** A byte for the channel, and the payload. */
export const binaryEncoding: Encoding = {
  kind: "binary",
  encode: (channel, payload) => [Buffer.of(channel), payload],
  decode(message) {
    const [channel] = message;
    return channel === undefined ? undefined : { channel, payload: message.subarray(1) };
  },
};

const digitZero = 0x30;
const padded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A digit for the channel, and the payload in padded base64; anything else is none of it. */
export const base64Encoding: Encoding = {
  kind: "text",
  encode(channel, payload) {
    const { buffer, byteOffset, byteLength } = payload;
    const digit = String.fromCharCode(digitZero + channel);
    return [Buffer.from(digit + Buffer.from(buffer, byteOffset, byteLength).toString("base64"))];
  },
  decode(message) {
    const text = message.toString("latin1", 1);
    if (message.byteLength === 0 || !padded.test(text)) return undefined;
    return { channel: (message[0] ?? 0) - digitZero, payload: Buffer.from(text, "base64") };
  },
};
