import { readFileSync } from "node:fs";
import { TransportError, type TransportErrorCode } from "@podwire/transport";
import { expect, test, vi } from "vitest";

/** Every code; a missing or a foreign one does not compile. */
const codes = {
  CLOSE_TIMEOUT: true,
  CONNECTION_LOST: true,
  CONNECT_FAILED: true,
  HANDSHAKE_FAILED: true,
  HANDSHAKE_REFUSED: true,
  HANDSHAKE_TIMEOUT: true,
  MESSAGE_TOO_LARGE: true,
  NOT_OPEN: true,
  RECEIVE_OVERFLOW: true,
  SUBPROTOCOL_MISMATCH: true,
} satisfies Record<TransportErrorCode, true>;

test("the README says what to do about every code, and about no other", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const listed = [...readme.matchAll(/^\| `([A-Z_]+)` +\| .+ \| .+ \|$/gm)].map((row) => row[1]);
  expect(listed.sort()).toEqual(Object.keys(codes).sort());
});

test("instanceof holds across the copies of the class in the built entries", async () => {
  vi.resetModules();
  const copy = await import("@podwire/transport/browser");
  expect(copy.TransportError).not.toBe(TransportError);
  expect(new copy.TransportError("NOT_OPEN", "x")).toBeInstanceOf(TransportError);
  expect(new TransportError("NOT_OPEN", "x")).toBeInstanceOf(copy.TransportError);
});

test("instanceof does not hold for anything else", () => {
  class Narrow extends TransportError {}
  expect(new Narrow("NOT_OPEN", "x")).toBeInstanceOf(TransportError);
  expect(new TransportError("NOT_OPEN", "x")).not.toBeInstanceOf(Narrow);
  for (const other of [new Error("NOT_OPEN"), { code: "NOT_OPEN" }, null, undefined, "NOT_OPEN"]) {
    expect(other instanceof TransportError).toBe(false);
  }
});

test("an error keeps its code, its cause and the server's answer", () => {
  const response = { status: 403, body: "no" };
  const error = new TransportError("HANDSHAKE_REFUSED", "refused", { cause: "why", response });
  expect(error).toMatchObject({ name: "TransportError", code: "HANDSHAKE_REFUSED", cause: "why", response });
  expect("cause" in new TransportError("NOT_OPEN", "x")).toBe(false);
});
