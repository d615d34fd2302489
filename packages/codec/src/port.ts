import { CodecError } from "./errors.ts";
import { checkInteger } from "./integer.ts";

/** The first payload on both channels of a forwarded port: its number, two bytes, little-endian. */
export function encodePort(port: number): Uint8Array {
  checkInteger("port", port, 1, 65_535);
  return Uint8Array.of(port & 0xff, port >> 8);
}

/** The port in that first payload. Throws `BAD_PORT` when it is anything else. */
export function decodePort(payload: Uint8Array): number {
  const [low = 0, high = 0] = payload;
  const port = low + high * 256;
  if (payload.byteLength === 2 && port) return port;
  throw new CodecError("BAD_PORT", "not a port in two bytes");
}
