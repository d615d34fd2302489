import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bearerSubprotocol,
  CodecError,
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
  tokenOfBearerSubprotocol,
} from "../src/index.ts";

const numRuns = 2_000;
/** fast-check prints the seed of a failing run; set it here to repeat that run. */
const seed = Number(process.env["PODWIRE_SEED"] ?? Date.now() % 1_000_000);
const property = <T>(values: fc.Arbitrary<T>, check: (value: T) => void): void => {
  fc.assert(fc.property(values, check), { numRuns, seed });
};

/** Runs it, and lets nothing pass but its answer or a CodecError. */
function decodes(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
  }
}

const bytes = fc.uint8Array({ maxLength: 300 });
/** Text near what the decoders expect, so that more than the first character is reached. */
const nearly = fc.oneof(
  fc.json(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...'0123=ZmAB+/-_ {}[]":,\\eWidthHgnull.') }),
  fc.json().map((json) => `{"status":"Failure","reason":"NonZeroExitCode","details":${json}}`),
  fc.json().map((json) => `{"details":{"causes":[${json}]}}`),
  fc.json().map((json) => `{"Width":${json},"Height":1}`),
);

describe("any bytes whatever either decode or throw CodecError", () => {
  test("as messages", () => {
    property(bytes, (message) => {
      decodes(() => decodeFrame(message));
      decodes(() => decodeClose(message));
      decodes(() => decodePort(message));
    });
  });

  test("as a Status and its exit code", () => {
    property(
      fc.oneof(
        bytes,
        nearly.map((text) => new TextEncoder().encode(text)),
      ),
      (payload) => {
        decodes(() => {
          const status = decodeStatus(payload);
          expect(status).toBeTypeOf("object");
          for (const cause of status.details?.causes ?? []) expect(cause).toBeTypeOf("object");
          expect(["string", "undefined"]).toContain(typeof status.message);
          expect(decodeStatus(encodeStatus(status))).toEqual(status);
          const code = exitCodeOf(status);
          if (code !== undefined) expect(code >= 0 && code <= 255).toBe(true);
        });
      },
    );
  });

  test("as sizes, in any pieces, and once broken for good", () => {
    const pieces = fc.array(
      fc.oneof(
        bytes,
        nearly.map((text) => new TextEncoder().encode(text)),
      ),
      { maxLength: 4 },
    );
    property(pieces, (payloads) => {
      const decoder = createResizeDecoder();
      let broken: unknown;
      for (const payload of payloads) {
        try {
          for (const { width, height } of decoder.push(payload)) {
            expect(Number.isInteger(width) && width >= 0 && width <= 65_535).toBe(true);
            expect(Number.isInteger(height) && height >= 0 && height <= 65_535).toBe(true);
          }
          expect(broken).toBeUndefined();
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
          if (broken) expect(error).toBe(broken);
          broken = error;
        }
      }
    });
  });

  test("as text messages and subprotocol names", () => {
    property(nearly, (text) => {
      decodes(() => decodeBase64Frame(text));
      decodes(() => tokenOfBearerSubprotocol(text));
      decodes(() => tokenOfBearerSubprotocol(`base64url.bearer.authorization.k8s.io.${text}`));
    });
  });
});

describe("what is encoded decodes to the same", () => {
  test("frames, binary and base64", () => {
    property(fc.tuple(fc.integer({ min: 0, max: 255 }), bytes), ([channel, payload]) => {
      const frame = decodeFrame(encodeFrame(channel, payload));
      expect([frame.channel, [...frame.payload]]).toEqual([channel, [...payload]]);
      if (channel > 79) return;
      const base64 = decodeBase64Frame(encodeBase64Frame(channel, payload));
      expect([base64.channel, [...base64.payload]]).toEqual([channel, [...payload]]);
      const standard = Buffer.from(payload).toString("base64");
      expect(encodeBase64Frame(channel, payload).slice(1)).toBe(standard);
    });
  });

  test("closes, ports, sizes and tokens", () => {
    const size = fc.integer({ min: 1, max: 65_535 });
    property(
      fc.tuple(fc.integer({ min: 0, max: 4 }), size, size, fc.string({ minLength: 1, unit: "grapheme" })),
      (values) => {
        const [channel, width, height, token] = values;
        expect(decodeClose(encodeClose(channel))).toBe(channel);
        expect(decodePort(encodePort(width))).toBe(width);
        expect(createResizeDecoder().push(encodeResize({ width, height }))).toEqual([{ width, height }]);
        expect(tokenOfBearerSubprotocol(bearerSubprotocol(token))).toBe(token);
      },
    );
  });
});
