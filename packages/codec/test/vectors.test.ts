import {
  badBytes,
  bearers,
  bytesOfHex,
  closes,
  frames,
  handshakes,
  hexOf,
  ports,
  resizes,
  statuses,
} from "@podwire/tools-vectors";
import { describe, expect, test } from "vitest";
import {
  bearerSubprotocol,
  CodecError,
  chooseSubprotocol,
  createResizeDecoder,
  decodeBase64Frame,
  decodeClose,
  decodeFrame,
  decodePort,
  decodeStatus,
  encodeBase64Frame,
  encodeClose,
  encodeFrame,
  encodePort,
  encodeResize,
  encodeStatus,
  exitCodeOf,
  subprotocols,
  tokenOfBearerSubprotocol,
} from "../src/index.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The code of the CodecError that this throws; anything else it throws, or nothing, fails the test. */
function codeOf(decode: () => unknown): string {
  try {
    decode();
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
  throw new Error("it decoded");
}

describe("frames", () => {
  for (const { id, encoding, message, channel, payload } of frames.filter(
    (frame) => frame.encoding === "binary",
  )) {
    test(`${encoding}, ${id}`, () => {
      const decoded = decodeFrame(bytesOfHex(message));
      expect([decoded.channel, hexOf(decoded.payload)]).toEqual([channel, payload]);
      expect(hexOf(encodeFrame(channel, bytesOfHex(payload)))).toBe(message);
      expect(hexOf(encodeFrame(decoded.channel, decoded.payload))).toBe(message);
    });
  }
  for (const { id, encoding, message, channel, payload } of frames.filter(
    (frame) => frame.encoding === "base64",
  )) {
    test(`${encoding}, ${id}`, () => {
      const decoded = decodeBase64Frame(message);
      expect([decoded.channel, hexOf(decoded.payload)]).toEqual([channel, payload]);
      expect(encodeBase64Frame(channel, bytesOfHex(payload))).toBe(message);
      expect(encodeBase64Frame(decoded.channel, decoded.payload)).toBe(message);
    });
  }
});

describe("closes", () => {
  test.for(closes)("$id", ({ message, channel }) => {
    expect(decodeClose(bytesOfHex(message))).toBe(channel);
    expect(hexOf(encodeClose(channel))).toBe(message);
    expect(hexOf(encodeClose(decodeClose(bytesOfHex(message))))).toBe(message);
  });
});

describe("sizes", () => {
  test.for(resizes)("$id", ({ payloads, sizes, encodes }) => {
    const decoder = createResizeDecoder();
    const decoded = payloads.flatMap((payload) => decoder.push(utf8(payload)));
    expect(decoded).toEqual(sizes.map(([width, height]) => ({ width, height })));
    // However the bytes are cut, the sizes are the same.
    const slowly = createResizeDecoder();
    const bytes = utf8(payloads.join(""));
    expect(Array.from(bytes, (byte) => slowly.push(Uint8Array.of(byte))).flat()).toEqual(decoded);
    for (const size of decoded) {
      if (size.width === 0 || size.height === 0) continue;
      const encoded = encodeResize(size);
      if (encodes) expect(encoded).toEqual(bytes);
      expect(createResizeDecoder().push(encoded)).toEqual([size]);
    }
  });
});

describe("statuses", () => {
  test.for(statuses)("$id", ({ json, exitCode, error }) => {
    const status = decodeStatus(utf8(json));
    expect(new TextDecoder().decode(encodeStatus(status))).toBe(json);
    expect(decodeStatus(encodeStatus(status))).toEqual(status);
    if (error) expect(codeOf(() => exitCodeOf(status))).toBe(error);
    else expect(exitCodeOf(status) ?? null).toBe(exitCode);
  });
});

describe("handshakes", () => {
  const { v5: _, ...older } = subprotocols;
  const known = { apiserver: Object.values(subprotocols), runtime: Object.values(older) };
  test.for(handshakes)("$id: $offered", ({ offered, server, chosen }) => {
    expect(chooseSubprotocol(offered, known[server]) ?? null).toBe(chosen);
  });
});

describe("bearer tokens", () => {
  test.for(bearers)("$id", ({ name, token }) => {
    expect(tokenOfBearerSubprotocol(name) ?? null).toBe(token);
    if (token !== null) expect(bearerSubprotocol(token)).toBe(name);
  });
});

describe("ports", () => {
  test.for(ports)("$id", ({ payload, port }) => {
    expect(decodePort(bytesOfHex(payload))).toBe(port);
    expect(hexOf(encodePort(port))).toBe(payload);
    expect(hexOf(encodePort(decodePort(bytesOfHex(payload))))).toBe(payload);
  });
});

describe("bad bytes", () => {
  const decoders = {
    frame: decodeFrame,
    close: decodeClose,
    port: decodePort,
    status: decodeStatus,
    resize: (bytes: Uint8Array) => createResizeDecoder().push(bytes),
  };
  test.for(badBytes)("$decoder, $id: $code", ({ decoder, hex, text = "", code }) => {
    const bytes = hex === undefined ? utf8(text) : bytesOfHex(hex);
    expect(
      codeOf(() => {
        if (decoder === "base64") return decodeBase64Frame(text);
        if (decoder === "bearer") return tokenOfBearerSubprotocol(text);
        return decoders[decoder](bytes);
      }),
    ).toBe(code);
  });
});
