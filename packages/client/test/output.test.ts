import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClientError } from "../src/errors.ts";
import { createOutput } from "../src/session/output.ts";
import { createOutputChannel } from "../src/session/output-channel.ts";
import { createMemoryStore } from "../src/session/output-store.ts";
import { unchecked } from "./unchecked.ts";

const seed = 0x706f64;
const utf8 = new TextEncoder();

function setup(limitBytes = 1_000) {
  const channel = createOutputChannel("stdout", createMemoryStore(limitBytes), () => {});
  return { channel, output: createOutput(channel), push: (text: string) => channel.push(utf8.encode(text)) };
}

/** Bytes cut at the given fractions, as frames cut them. */
const cutText = fc.tuple(
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
);

function cut(bytes: Uint8Array, fractions: readonly number[]): Uint8Array[] {
  const ends = [...fractions.map((one) => Math.floor(one * bytes.byteLength)), bytes.byteLength].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
}

describe("reading an output", () => {
  test("a loop gets every chunk and then the end", async () => {
    const { channel, output, push } = setup();
    push("ab");
    const seen: string[] = [];
    const loop = (async () => {
      for await (const chunk of output) seen.push(new TextDecoder().decode(chunk));
    })();
    push("cd");
    channel.end();
    await loop;
    expect(seen.join("")).toBe("abcd");
  });

  test("breaking out of a loop keeps the rest readable", async () => {
    const { channel, output, push } = setup();
    push("one");
    for await (const chunk of output) {
      expect(new TextDecoder().decode(chunk)).toBe("one");
      break;
    }
    push("two");
    channel.end();
    expect(await output.text()).toBe("two");
  });

  test("a second concurrent reader is refused with READER_BUSY", async () => {
    const { output } = setup();
    const first = output[Symbol.asyncIterator]();
    const pending = first.next();
    expect(() => output[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: "READER_BUSY" }));
    await expect(output.text()).rejects.toMatchObject({ code: "READER_BUSY" });
    await first.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  test("an error comes after the last byte, to every later reader", async () => {
    const { channel, output, push } = setup();
    push("kept");
    channel.end(new ClientError("CONNECTION_LOST", "gone"));
    const iterator = output[Symbol.asyncIterator]();
    expect(new TextDecoder().decode((await iterator.next()).value)).toBe("kept");
    await expect(iterator.next()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await expect(output.bytes()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });

  test("text is decoded across chunks, wherever they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(cutText, async ([text, fractions]) => {
        const { channel, output } = setup(10_000);
        for (const part of cut(utf8.encode(text), fractions)) channel.push(part);
        channel.end();
        expect(await output.text()).toBe(
          new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8.encode(text)),
        );
      }),
      { seed },
    );
  });

  test("text and bytes stop at the caller's limit", async () => {
    const { channel, output, push } = setup();
    push("12345");
    channel.end();
    await expect(output.bytes({ limitBytes: 4 })).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});

describe("the web stream of an output", () => {
  test("delivers everything and closes", async () => {
    const { channel, output, push } = setup();
    push("abc");
    const text = new Response(output.readable).text();
    push("def");
    channel.end();
    expect(await text).toBe("abcdef");
  });

  test("does not take away the buffer that other messages share", async () => {
    const { channel, output } = setup(100_000);
    const shared = new Uint8Array(8_192).fill(65);
    channel.push(shared.subarray(0, 5_000));
    const reader = output.readable.getReader();
    await reader.read();
    expect(shared.byteLength).toBe(8_192);
  });

  test("hands over a message's own buffer without a copy", async () => {
    const { channel, output } = setup(100_000);
    const message = new Uint8Array(5_001).fill(65);
    channel.push(new Uint8Array(message.buffer, 1));
    const { value } = await output.readable.getReader().read();
    expect(value).toEqual(new Uint8Array(5_000).fill(65));
    expect([value?.byteOffset, message.byteLength]).toEqual([1, 0]);
  });

  test("joins small messages that are at hand, up to 64 KiB", async () => {
    const { channel, output } = setup(200_000);
    const shared = new Uint8Array(102_400).map((_byte, index) => index % 251);
    for (let start = 0; start < shared.byteLength; start += 1_024) {
      channel.push(shared.subarray(start, start + 1_024));
    }
    channel.end();
    const chunks: Uint8Array[] = [];
    for await (const chunk of output.readable) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(shared)).toBe(true);
    expect(chunks.length).toBeLessThan(8);
    for (const { byteLength } of chunks) expect(byteLength).toBeLessThan(82_000);
  });

  test("asks for no more than its consumer takes", async () => {
    const { channel, output } = setup(100_000);
    const reader = output.readable.getReader();
    for (let i = 0; i < 10; i += 1) channel.push(new Uint8Array(5_000));
    await reader.read();
    expect(channel.queuedBytes).toBeGreaterThan(30_000);
  });

  test("takes the output when it is read, not when it is looked at", async () => {
    const { channel, output, push } = setup();
    expect(output.readable.locked).toBe(false);
    push("abc");
    for await (const chunk of output) {
      expect(chunk.byteLength).toBe(3);
      await expect(output.readable.getReader().read()).rejects.toMatchObject({ code: "READER_BUSY" });
      break;
    }
    push("def");
    channel.end();
    expect(await new Response(output.readable).text()).toBe("def");
  });

  test("cancelling it discards what still comes", async () => {
    const { channel, output, push } = setup(10);
    await output.readable.cancel();
    for (let i = 0; i < 100; i += 1) expect(push("0123456789")).toBe("kept");
    expect({ queued: channel.queuedBytes, discarded: channel.discardedBytes }).toEqual({
      queued: 0,
      discarded: 0,
    });
  });

  test("errors with the channel's error", async () => {
    const { channel, output } = setup();
    const read = output.readable.getReader().read();
    channel.end(new ClientError("CONNECTION_LOST", "gone"));
    await expect(read).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });
});

describe("lines", () => {
  test("are what splitting the whole text would give, wherever chunks are cut", async () => {
    await fc.assert(
      fc.asyncProperty(cutText, async ([text, fractions]) => {
        const { channel, output } = setup(10_000);
        for (const part of cut(utf8.encode(text), fractions)) channel.push(part);
        channel.end();
        const lines: string[] = [];
        for await (const line of output.lines()) lines.push(line);
        const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8.encode(text));
        const expected = whole.split("\n");
        if (expected.at(-1) === "") expected.pop();
        expect(lines).toEqual(expected.map((line) => line.replace(/\r$/, "")));
      }),
      { seed },
    );
  });

  test("leaving the loop gives back what follows the last line taken", async () => {
    const { channel, output, push } = setup();
    push("first\nsec");
    push("ond\nthird");
    for await (const line of output.lines()) if (line === "first") break;
    channel.end();
    expect(await output.text()).toBe("second\nthird");
  });

  test("that are never asked for keep nobody from reading", async () => {
    const { channel, output, push } = setup();
    await output.lines().return?.();
    push("all");
    channel.end();
    expect(await output.text()).toBe("all");
  });

  test("leaving after half a line has arrived loses nothing", async () => {
    const { channel, output, push } = setup();
    const lines = output.lines();
    push("first\n");
    push("half");
    expect((await lines.next()).value).toBe("first");
    await lines.return?.();
    push(" a line\n");
    channel.end();
    expect(await output.text()).toBe("half a line\n");
  });
});

describe("until", () => {
  test("returns what came before and keeps what follows", async () => {
    const { channel, output, push } = setup();
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
          const { channel, output } = setup(10_000);
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
    const { channel, output } = setup();
    channel.push(Uint8Array.of(0xff, 0xe2, 0x82, 0x24, 0xff, 0x00));
    channel.end();
    await output.until("$");
    expect(await output.bytes()).toEqual(Uint8Array.of(0xff, 0x00));
  });

  test("rejects with the transcript on a timeout, and everything stays readable", async () => {
    const { channel, output, push } = setup();
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
    const { output } = setup();
    const controller = new AbortController();
    const waiting = output.until("never", { signal: controller.signal });
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("rejects with the signal's reason also when that is an error of ours", async () => {
    const { output } = setup();
    const reason = new ClientError("TIMEOUT", "the caller's");
    await expect(output.until("never", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("refuses wrong arguments, and leaves the output readable", async () => {
    const { channel, output, push } = setup();
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
    const { channel, output, push } = setup();
    const controller = new AbortController();
    const waiting = output.until("never", { signal: controller.signal });
    push("late");
    controller.abort(new Error("stop"));
    await expect(waiting).rejects.toThrow("stop");
    channel.end();
    expect(await output.text()).toBe("late");
  });

  test("says PATTERN_NOT_FOUND when the output ends first, with the transcript", async () => {
    const { channel, output, push } = setup();
    push("bye");
    channel.end();
    await expect(output.until("hello")).rejects.toMatchObject({
      code: "PATTERN_NOT_FOUND",
      transcript: "bye",
    });
  });

  test("stops at its byte limit", async () => {
    const { output, push } = setup();
    push("0123456789");
    await expect(output.until("x", { limitBytes: 5 })).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});

describe("a channel that nobody reads", () => {
  test("keeps its limit, counts the rest, and tells a late reader after the kept prefix", async () => {
    const { channel, output, push } = setup(10);
    push("0123456789");
    push("abc");
    push("de");
    channel.end();
    expect(channel.discardedBytes).toBe(5);
    const iterator = output[Symbol.asyncIterator]();
    expect(new TextDecoder().decode((await iterator.next()).value)).toBe("0123456789");
    await expect(iterator.next()).rejects.toThrow(/^5 bytes of stdout were discarded/);
  });

  test("never skips a gap: once bytes were discarded nothing later is kept", async () => {
    const { channel, output, push } = setup(10);
    push("0123456789");
    push("lost");
    const iterator = output[Symbol.asyncIterator]();
    await iterator.next();
    expect(push("x")).toBe("kept");
    await expect(iterator.next()).rejects.toThrow(/^5 bytes/);
    expect(channel.receivedBytes).toBe(15);
  });

  test("overflows when a reader had begun and stopped", async () => {
    const { output, push } = setup(10);
    push("a");
    for await (const _ of output) break;
    expect(push("0123456789")).toBe("kept");
    expect(push("!")).toBe("overflow");
  });
});
