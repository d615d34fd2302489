import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClientError } from "../src/errors.ts";
import { cut, seed, setupOutput, utf8 } from "./outputs.ts";
import { unchecked } from "./unchecked.ts";

describe("until", () => {
  test("returns what came before and keeps what follows", async () => {
    const { channel, output, push } = setupOutput();
    push("login: alice\n$ ");
    push("next");
    channel.end();
    expect(await output.until(/login: (\w+)/)).toEqual({
      before: "",
      match: "login: alice",
      groups: ["alice"],
    });
    expect(await output.text()).toBe("\n$ next");
  });

  test("finds a string cut anywhere, multi-byte characters included", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.replaceAll("⚓", "")),
        fc.string({ unit: "grapheme", maxLength: 30 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        async (before, after, fractions) => {
          const { channel, output } = setupOutput(10_000);
          for (const part of cut(utf8.encode(`${before}⚓${after}`), fractions)) channel.push(part);
          channel.end();
          expect((await output.until("⚓")).before).toBe(before);
          expect(await output.bytes()).toEqual(utf8.encode(after));
        },
      ),
      { seed },
    );
  });

  test("keeps the bytes behind a match exact when the text before is broken UTF-8", async () => {
    const { channel, output } = setupOutput();
    channel.push(Uint8Array.of(0xff, 0xe2, 0x82, 0x24, 0xff, 0x00));
    channel.end();
    await output.until("$");
    expect(await output.bytes()).toEqual(Uint8Array.of(0xff, 0x00));
  });

  test("rejects with the transcript on a timeout, and everything stays readable", async () => {
    const { channel, output, push } = setupOutput();
    push("so far");
    await expect(output.until("never", { timeoutMs: 20 })).rejects.toMatchObject({
      code: "TIMEOUT",
      transcript: "so far",
    });
    push(" so good");
    channel.end();
    expect(await output.text()).toBe("so far so good");
  });

  test("rejects with the signal's reason when aborted", async () => {
    const { output } = setupOutput();
    const controller = new AbortController();
    const waiting = output.until("never", { signal: controller.signal });
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("rejects with the signal's reason also when that is an error of ours", async () => {
    const { output } = setupOutput();
    const reason = new ClientError("TIMEOUT", "the caller's");
    await expect(output.until("never", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("refuses wrong arguments, and leaves the output readable", async () => {
    const { channel, output, push } = setupOutput();
    await expect(output.until(unchecked(5))).rejects.toThrow(TypeError);
    await expect(output.until("x", { signal: unchecked({}) })).rejects.toThrow(TypeError);
    await expect(output.until("x", { timeoutMs: 0 })).rejects.toThrow(RangeError);
    await expect(output.until("x", { limitBytes: Number.NaN })).rejects.toThrow(RangeError);
    await expect(output.text({ limitBytes: -1 })).rejects.toThrow(RangeError);
    push("x");
    channel.end();
    expect(await output.text()).toBe("x");
  });

  test("loses no chunk that arrives in the moment of the abort", async () => {
    const { channel, output, push } = setupOutput();
    const controller = new AbortController();
    const waiting = output.until("never", { signal: controller.signal });
    push("late");
    controller.abort(new Error("stop"));
    await expect(waiting).rejects.toThrow("stop");
    channel.end();
    expect(await output.text()).toBe("late");
  });

  test("says PATTERN_NOT_FOUND when the output ends first, with the transcript", async () => {
    const { channel, output, push } = setupOutput();
    push("bye");
    channel.end();
    await expect(output.until("hello")).rejects.toMatchObject({
      code: "PATTERN_NOT_FOUND",
      transcript: "bye",
    });
  });

  test("stops at its byte limit", async () => {
    const { output, push } = setupOutput();
    push("0123456789");
    await expect(output.until("x", { limitBytes: 5 })).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});
