import { describe, expect, it } from "vitest";
import { codeBlocksOf, keepsPromise, outputPromisedBy } from "../src/code-blocks.ts";

const fence = "```";

function markdown(...lines: string[]): string {
  return lines.join("\n");
}

describe("the code blocks of a Markdown file", () => {
  it("are those in TypeScript, with their lines", () => {
    const text = markdown(
      "# A",
      `${fence}sh`,
      "npm i",
      fence,
      `${fence}ts`,
      "a();",
      fence,
      "",
      `${fence}ts run`,
      "b();",
      fence,
    );
    expect(codeBlocksOf(text)).toEqual([
      { line: 5, code: "a();\n", runs: false },
      { line: 9, code: "b();\n", runs: true },
    ]);
  });

  it("may continue the one before", () => {
    const text = markdown(`${fence}ts`, "const a = 1;", fence, `${fence}ts continued run`, "a;", fence);
    expect(codeBlocksOf(text)[1]).toEqual({ line: 4, code: "const a = 1;\na;\n", runs: true });
  });

  it("may stand in a list, and hold shorter fences", () => {
    const text = markdown(
      "- item",
      `  ${fence}ts`,
      "  f(",
      "    1);",
      `  ${fence}`,
      `${fence}${"`"}ts`,
      "// ```",
      `${fence}${"`"}`,
    );
    expect(codeBlocksOf(text).map(({ code }) => code)).toEqual(["f(\n  1);\n", "// ```\n"]);
  });

  it.each([
    ["typescript", "write ts"],
    ["ts runs", "runs is neither"],
    ["ts continued", "no block to continue"],
  ])("are refused after %s, which would slip past the check", (info, complaint) => {
    expect(() => codeBlocksOf(markdown(fence + info, "a", fence))).toThrow(complaint);
  });

  it("must end", () => {
    expect(() => codeBlocksOf(markdown("", `${fence}ts`, "a"))).toThrow("line 2 does not end");
  });
});

describe("what a block promises to print", () => {
  const code = markdown(
    "console.log(a); // one",
    "b(); // a comment",
    "  console.log(f(1, 2)); // two words",
    "console.log(c);",
  );

  it("is behind its calls of console.log", () => {
    expect(outputPromisedBy(code)).toEqual(["one", "two words"]);
  });

  it("must come in its order, whatever comes in between", () => {
    expect(keepsPromise(["one", "two words"], "zero\none\nand\ntwo words\n")).toBe(true);
    expect(keepsPromise(["one", "two words"], "two words\none\n")).toBe(false);
    expect(keepsPromise(["one", "one"], "one\n")).toBe(false);
    expect(keepsPromise(["one"], "one more\n")).toBe(false);
    expect(keepsPromise([], "")).toBe(true);
  });
});
