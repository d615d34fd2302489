import { expect, test } from "vitest";
import { base64Encoding, binaryEncoding } from "../src/streams/encoding.ts";

const hex = (text: string) => Buffer.from(text, "hex");

test.each([
  [binaryEncoding, "01666f6f", 1, "666f6f"],
  [binaryEncoding, "ff00", 255, "00"],
  [binaryEncoding, "03", 3, ""],
  // "0Zm9vCg==", "1", "4AA==", "9AA=="
  [base64Encoding, "305a6d397643673d3d", 0, "666f6f0a"],
  [base64Encoding, "31", 1, ""],
  [base64Encoding, "3441413d3d", 4, "00"],
  [base64Encoding, "3941413d3d", 9, "00"],
])("%# a message is a channel and a payload, both ways", (encoding, message, channel, payload) => {
  expect(encoding.decode(hex(message))).toEqual({ channel, payload: hex(payload) });
  expect(Buffer.concat(encoding.encode(channel, hex(payload))).toString("hex")).toBe(message);
});

test("a view is encoded and not the buffer under it", () => {
  const view = new Uint8Array([9, 0, 9]).subarray(1, 2);
  expect(Buffer.concat(base64Encoding.encode(0, view)).toString()).toBe("0AA==");
  expect(Buffer.concat(binaryEncoding.encode(0, view)).toString("hex")).toBe("0000");
});

// Nothing, unpadded, badly padded, no base64, and the alphabet of URLs.
test.each(["", "0Zg", "0Zg=", "0Z===", "0!!!!", "0-_-_", "0 Zg=="])("%j is dropped", (text) => {
  expect(base64Encoding.decode(Buffer.from(text))).toBeUndefined();
});
