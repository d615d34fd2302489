import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorCodesOf, listedErrorCodesOf } from "../src/error-codes.ts";
import { repository } from "../src/repository.ts";

const packages = readdirSync(join(repository, "packages")).filter((name) =>
  ["README.md", "src/errors.ts"].every((file) => existsSync(join(repository, "packages", name, file))),
);

function textOf(name: string, file: string): string {
  return readFileSync(join(repository, "packages", name, file), "utf8");
}

describe("the README of", () => {
  it.each(packages)("%s says what every error code means, once", (name) => {
    const codes = errorCodesOf(textOf(name, "src/errors.ts"));
    expect([...listedErrorCodesOf(textOf(name, "README.md"))].sort()).toEqual([...codes].sort());
  });

  it("the packages with errors is read at all", () => {
    expect(packages).toEqual(expect.arrayContaining(["codec", "transport", "kubeconfig"]));
    expect(errorCodesOf(textOf("transport", "src/errors.ts"))).toContain("HANDSHAKE_REFUSED");
  });
});

describe("error codes", () => {
  it("are the members of a union of texts", () => {
    expect(errorCodesOf('export type XErrorCode =\n  /** Why. */\n  | "A_B"\n  | "C";')).toEqual([
      "A_B",
      "C",
    ]);
    expect(errorCodesOf('export type XErrorCode = "ONLY";')).toEqual(["ONLY"]);
    expect(errorCodesOf("export class XError extends Error {}")).toEqual([]);
    expect(() => errorCodesOf("export type XErrorCode = string;")).toThrow(/not a union of texts/);
  });

  it("are read from the tables about codes, and from no other", () => {
    const markdown = [
      "| `XError.code` | when |",
      "| --- | --- |",
      "| `A` | `NOT_A_CODE` happens |",
      "| `B`, `C` | both |",
      "",
      "| export | what |",
      "| --- | --- |",
      "| `POD` | a constant |",
    ];
    expect(listedErrorCodesOf(markdown.join("\n"))).toEqual(["A", "B", "C"]);
  });
});
