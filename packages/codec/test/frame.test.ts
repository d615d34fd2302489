import { describe, expect, test } from "vitest";
import { capabilitiesOf, decodeFrame, encodeBase64Frame, encodeFrame, subprotocols } from "../src/index.ts";

describe("a decoded frame", () => {
  test("is a view into the message, not a copy, and no Buffer even of a Buffer", () => {
    const message = Buffer.from("01616263", "hex");
    const { payload } = decodeFrame(message);
    expect(payload.buffer).toBe(message.buffer);
    expect(payload.byteOffset).toBe(message.byteOffset + 1);
    expect(Buffer.isBuffer(payload)).toBe(false);
  });

  test("keeps to its own part of a larger buffer", () => {
    const { payload } = decodeFrame(Uint8Array.of(9, 1, 97, 98, 9).subarray(1, 4));
    expect([...payload]).toEqual([97, 98]);
  });
});

describe("an encoded frame", () => {
  test("is one allocation of exactly its length, and does not keep the payload", () => {
    const payload = Uint8Array.of(1, 2);
    const message = encodeFrame(0, payload);
    payload[0] = 7;
    expect([...message]).toEqual([0, 1, 2]);
    expect(message.buffer.byteLength).toBe(3);
  });

  test.for([-1, 256, 1.5, Number.NaN])("cannot have channel %s", (channel) => {
    expect(() => encodeFrame(channel, new Uint8Array(0))).toThrow(RangeError);
  });

  test("of base64 has a channel that is one ASCII character, and any length", () => {
    expect(() => encodeBase64Frame(80, new Uint8Array(0))).toThrow(
      "channel must be an integer from 0 to 79, not 80",
    );
    const long = new Uint8Array(300_001).fill(0xfb);
    expect(encodeBase64Frame(0, long)).toBe(`0${Buffer.from(long).toString("base64")}`);
  });
});

describe("the subprotocols", () => {
  test("differ in encoding, status and half-close", () => {
    const table = Object.values(subprotocols).map((name) => ({ name, ...capabilitiesOf(name) }));
    expect(table).toEqual([
      { name: "v5.channel.k8s.io", encoding: "binary", status: "json", halfClose: true },
      { name: "v4.channel.k8s.io", encoding: "binary", status: "json", halfClose: false },
      { name: "channel.k8s.io", encoding: "binary", status: "text", halfClose: false },
      { name: "v4.base64.channel.k8s.io", encoding: "base64", status: "json", halfClose: false },
      { name: "base64.channel.k8s.io", encoding: "base64", status: "text", halfClose: false },
    ]);
  });

  test.for(["", "v5", "V5.channel.k8s.io", "v3.channel.k8s.io", "toString"])("do not include %j", (name) => {
    expect(capabilitiesOf(name)).toBeUndefined();
  });
});
