import { expect, test } from "vitest";
import { freeNamesOf } from "../src/free-names.ts";

test.each([
  "process.exit()",
  "if (typeof process === 'object') x = 1; var x",
  "export const f = () => ({ process })",
  "export const f = (a = process) => a",
  "globalThis.process",
  "globalThis['process']",
  "self.process; function self() {}",
  "window?.process",
  "{ const process = 1 } process",
  "x = a<process>(b)",
  "class A extends process {}",
  "new process",
  "`\u0024{process}`",
  "const { a = process } = {}",
  "for (const a of process) a",
  "export default process",
])("%s takes process from the platform", (script) => {
  expect(freeNamesOf(script)).toContain("process");
});

test.each([
  "const text = 'the end of the process did not come'",
  "const text = `process`",
  "// process",
  "a.process; var a",
  "a?.process(); var a",
  "const a = { process: 1, b: 2 }",
  "const { process: a } = {}",
  "const a = { process() {} }",
  "class A { process = 1; get Buffer() { return 1 } }",
  "const process = 1; process + 1",
  "function f(process) { return process }",
  "try {} catch (process) { process }",
  "process: for (;;) break process",
  "import { process } from 'x'; process()",
  "import { process as p } from 'x'; export { p as process }",
  "a.b.process; var a",
  "import.meta.process",
])("%s does not", (script) => {
  expect(freeNamesOf(script)).not.toContain("process");
});

test("require is a name of the platform, with and without a call", () => {
  expect(freeNamesOf("require('x'); export {}")).toContain("require");
  expect(freeNamesOf("typeof require; export {}")).toContain("require");
});

test("what the parser does not understand is no pure script", () => {
  expect(() => freeNamesOf("const = 1")).toThrow(SyntaxError);
});
