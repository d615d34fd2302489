import { expect, test } from "vitest";
import { unmask } from "../src/websocket/mask.ts";

test("bytes of every length, wherever they lie in memory, are unmasked as RFC 6455, 5.3 says", () => {
  const mask = Buffer.from("37fa213d", "hex");
  for (let offset = 0; offset < 8; offset++) {
    for (let length = 0; length < 40; length++) {
      const memory = Buffer.from(new ArrayBuffer(64));
      const bytes = memory.subarray(offset, offset + length);
      for (let index = 0; index < length; index++) bytes[index] = index * 7;
      unmask(bytes, mask);
      const expected = Array.from({ length }, (_, index) => ((index * 7) & 0xff) ^ (mask[index % 4] ?? 0));
      expect([...bytes], `${length} bytes at ${offset}`).toEqual(expected);
      // And nothing beside them.
      expect(memory.subarray(0, offset).every((byte) => byte === 0)).toBe(true);
      expect(memory.subarray(offset + length).every((byte) => byte === 0)).toBe(true);
    }
  }
});

test("the example of RFC 6455, 5.7 is unmasked", () => {
  const bytes = Buffer.from("7f9f4d5158", "hex");
  unmask(bytes, Buffer.from("37fa213d", "hex"));
  expect(bytes.toString()).toBe("Hello");
});
