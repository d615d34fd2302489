import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { CodecErrorCode } from "../src/index.ts";
import * as codec from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

const codes: Record<CodecErrorCode, true> = {
  EMPTY_MESSAGE: true,
  BAD_BASE64: true,
  BAD_CHANNEL: true,
  BAD_CLOSE: true,
  BAD_RESIZE: true,
  BAD_STATUS: true,
  BAD_TOKEN: true,
  BAD_PORT: true,
};

test("the README lists exactly the error codes", () => {
  expect(Array.from(readme.matchAll(/^\| `([A-Z_0-9]+)`/gm), ([, code]) => code)).toEqual(Object.keys(codes));
});

test("the README lists exactly the exports", () => {
  const table = readme.slice(readme.search(/^\| export /m), readme.indexOf("| `CodecError.code`"));
  const listed = Array.from(table.matchAll(/^\| (`.*?`) *\|/gm), ([, names = ""]) => names.split(", "))
    .flat()
    .map((name) => name.replaceAll("`", ""));
  expect(listed.sort()).toEqual(Object.keys(codec).sort());
});
