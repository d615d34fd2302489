import { CodecError } from "./errors.ts";

/** The first payload on both channels of a forwarded port: its number, two bytes, little-endian. */
export function encodePort(port: number): Uint8Array {
  if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new RangeError(`port must be an integer from 1 to 65535, not ${port}`);
  }
  return Uint8Array.of(port & 0xff, port >> 8);
}

/** The port in that first payload. Throws `BAD_PORT` when it is anything else. */
export function decodePort(payload: Uint8Array): number {
  const [low = 0, high = 0] = payload;
  const port = low + high * 256;
  if (payload.byteLength !== 2 || port === 0) {
    throw new CodecError("BAD_PORT", "a port is two bytes, little-endian, and not 0");
  }
  return port;
}
