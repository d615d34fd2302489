import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClientError } from "../src/errors.ts";
import { cut, cutText, seed, setupOutput, utf8 } from "./outputs.ts";

describe("reading an output", () => {
  test("a loop gets every chunk and then the end", async () => {
    const { channel, output, push } = setupOutput();
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
    const { channel, output, push } = setupOutput();
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
    const { output } = setupOutput();
    const first = output[Symbol.asyncIterator]();
    const pending = first.next();
    expect(() => output[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: "READER_BUSY" }));
    await expect(output.text()).rejects.toMatchObject({ code: "READER_BUSY" });
    await first.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  test("an error comes after the last byte, to every later reader", async () => {
    const { channel, output, push } = setupOutput();
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
        const { channel, output } = setupOutput(10_000);
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
    const { channel, output, push } = setupOutput();
    push("12345");
    channel.end();
    await expect(output.bytes({ limitBytes: 4 })).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});

describe("a channel that nobody reads", () => {
  test("keeps its limit, counts the rest, and tells a late reader after the kept prefix", async () => {
    const { channel, output, push } = setupOutput(10);
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
    const { channel, output, push } = setupOutput(10);
    push("0123456789");
    push("lost");
    const iterator = output[Symbol.asyncIterator]();
    await iterator.next();
    expect(push("x")).toBe("kept");
    await expect(iterator.next()).rejects.toThrow(/^5 bytes/);
    expect(channel.receivedBytes).toBe(15);
  });

  test("overflows when a reader had begun and stopped", async () => {
    const { output, push } = setupOutput(10);
    push("a");
    for await (const _ of output) break;
    expect(push("0123456789")).toBe("kept");
    expect(push("!")).toBe("overflow");
  });
});
