import { describe, expect, test } from "vitest";
import { bearerSubprotocol, encodeClose, encodePort, encodeResize } from "../src/index.ts";

describe("what cannot be sent is refused before it is encoded", () => {
  test.for([
    [0, 24],
    [80, 0],
    [65_536, 24],
    [80.5, 24],
    [-1, 24],
    [Number.NaN, 24],
    [80, Number.POSITIVE_INFINITY],
  ])("a terminal of %d x %d, on which a server stops reading the session", ([width = 0, height = 0]) => {
    expect(() => encodeResize({ width, height })).toThrow(RangeError);
  });

  test.for([5, 255, -1, 0.5])("the close of channel %d, on which a server ends the connection", (channel) => {
    expect(() => encodeClose(channel)).toThrow(RangeError);
  });

  test.for([0, 65_536, 80.5])("port %d", (port) => {
    expect(() => encodePort(port)).toThrow("port must be an integer from 1 to 65535");
  });

  test("an empty token, which servers ignore", () => {
    expect(() => bearerSubprotocol("")).toThrow(RangeError);
  });
});
