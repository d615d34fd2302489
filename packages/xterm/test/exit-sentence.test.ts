import { ClientError, type Exit } from "@podwire/client";
import { expect, test } from "vitest";
import { exitSentence } from "../src/index.ts";

const facts = {
  stdout: { receivedBytes: 0, discardedBytes: 0 },
  stderr: { receivedBytes: 0, discardedBytes: 0 },
  stdinBytes: 0,
  complete: "unproven",
} as const;
const error = new ClientError("SERVER_ERROR", "the server's words");

test.each<[string, Exit]>([
  ["exited with code 0", { ...facts, kind: "exited", code: 0, source: "status" }],
  [
    "exited with code 1; its output is incomplete",
    { ...facts, complete: "incomplete", kind: "exited", code: 1, source: "status" },
  ],
  [
    "killed by signal 9, out of memory",
    { ...facts, kind: "signalled", signal: 9, code: 137, source: "pod-status", oomKilled: true },
  ],
  [
    "killed by signal 15",
    { ...facts, kind: "signalled", signal: 15, code: 143, source: "status", oomKilled: false },
  ],
  ["could not start: the server's words", { ...facts, kind: "failedToStart", error }],
  ["the server's words", { ...facts, kind: "failed", error }],
  ["the server's words", { ...facts, complete: "incomplete", kind: "connectionLost", error }],
  ["the server's words", { ...facts, kind: "endedWithoutStatus", error }],
  ["the server's words", { ...facts, kind: "limitExceeded", error }],
  ["the server's words", { ...facts, kind: "timedOut", error }],
  ["the server's words", { ...facts, kind: "unverified", error }],
  ["aborted: no more", { ...facts, kind: "aborted", reason: new Error("no more") }],
  ["aborted: bye", { ...facts, kind: "aborted", reason: "bye" }],
  ["detached", { ...facts, kind: "detached" }],
])("says: %s", (sentence, exit) => {
  expect(exitSentence(exit)).toBe(sentence);
});

test("nothing in it moves a cursor, rings, or turns the text around", () => {
  const message = "a\x1b[2J\x07\r\nb\x9b1mc\u202ed\u2066e\u2028f";
  const exit: Exit = { ...facts, kind: "failed", error: new ClientError("SERVER_ERROR", message) };
  expect(exitSentence(exit)).toBe("a [2J b 1mc d e f");
});

test("it is one line of bearable length, and no character is cut", () => {
  const exit: Exit = { ...facts, kind: "failed", error: new ClientError("SERVER_ERROR", "🙂".repeat(1_000)) };
  expect(exitSentence(exit)).toBe(`${"🙂".repeat(500)}…`);
});
