import { describe, expect, test } from "vitest";
import { ClientError } from "../src/errors.ts";
import { setupOutput } from "./outputs.ts";

describe("the web stream of an output", () => {
  test("delivers everything and closes", async () => {
    const { channel, output, push } = setupOutput();
    push("abc");
    const text = new Response(output.readable).text();
    push("def");
    channel.end();
    expect(await text).toBe("abcdef");
  });

  test("does not take away the buffer that other messages share", async () => {
    const { channel, output } = setupOutput(100_000);
    const shared = new Uint8Array(8_192).fill(65);
    channel.push(shared.subarray(0, 5_000));
    const reader = output.readable.getReader();
    await reader.read();
    expect(shared.byteLength).toBe(8_192);
  });

  test("hands over a message's own buffer without a copy", async () => {
    const { channel, output } = setupOutput(100_000);
    const message = new Uint8Array(5_001).fill(65);
    channel.push(new Uint8Array(message.buffer, 1));
    const { value } = await output.readable.getReader().read();
    expect(value).toEqual(new Uint8Array(5_000).fill(65));
    expect([value?.byteOffset, message.byteLength]).toEqual([1, 0]);
  });

  test("joins small messages that are at hand, up to 64 KiB", async () => {
    const { channel, output } = setupOutput(200_000);
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
    const { channel, output } = setupOutput(100_000);
    const reader = output.readable.getReader();
    for (let i = 0; i < 10; i += 1) channel.push(new Uint8Array(5_000));
    await reader.read();
    expect(channel.queuedBytes).toBeGreaterThan(30_000);
  });

  test("takes the output when it is read, not when it is looked at", async () => {
    const { channel, output, push } = setupOutput();
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
    const { channel, output, push } = setupOutput(10);
    await output.readable.cancel();
    for (let i = 0; i < 100; i += 1) expect(push("0123456789")).toBe("kept");
    expect({ queued: channel.queuedBytes, discarded: channel.discardedBytes }).toEqual({
      queued: 0,
      discarded: 0,
    });
  });

  test("errors with the channel's error", async () => {
    const { channel, output } = setupOutput();
    const read = output.readable.getReader().read();
    channel.end(new ClientError("CONNECTION_LOST", "gone"));
    await expect(read).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });
});
