import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cut, cutText, seed, setupOutput, utf8 } from "./outputs.ts";

describe("lines", () => {
  test("are what splitting the whole text would give, wherever chunks are cut", async () => {
    await fc.assert(
      fc.asyncProperty(cutText, async ([text, fractions]) => {
        const { channel, output } = setupOutput(10_000);
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
    const { channel, output, push } = setupOutput();
    push("first\nsec");
    push("ond\nthird");
    for await (const line of output.lines()) if (line === "first") break;
    channel.end();
    expect(await output.text()).toBe("second\nthird");
  });

  test("that are never asked for keep nobody from reading", async () => {
    const { channel, output, push } = setupOutput();
    await output.lines().return?.();
    push("all");
    channel.end();
    expect(await output.text()).toBe("all");
  });

  test("leaving after half a line has arrived loses nothing", async () => {
    const { channel, output, push } = setupOutput();
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
