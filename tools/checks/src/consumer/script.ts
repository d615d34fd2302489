import { transform } from "esbuild";
import ts from "typescript";

export type ModuleFormat = "esm" | "cjs";

/** Makes a script of TypeScript that may wait at its top level; CommonJS waits in a function. */
export async function scriptOf(code: string, format: ModuleFormat): Promise<string> {
  const source = format === "esm" ? code : waitInFunction(code);
  const { code: script } = await transform(source, { loader: "ts", format, target: "node20" });
  return script;
}

function waitInFunction(code: string): string {
  const file = ts.createSourceFile("example.ts", code, ts.ScriptTarget.ESNext);
  const imports = file.statements.filter((statement) => ts.isImportDeclaration(statement));
  const rest = file.statements.filter((statement) => !ts.isImportDeclaration(statement));
  const textOf = (statements: readonly ts.Statement[]) =>
    statements.map((statement) => statement.getFullText(file)).join("");
  // A rejection that nobody catches ends the process with code 1, as at the top level.
  return `${textOf(imports)}\nvoid (async () => {\n${textOf(rest)}\n})();\n`;
}
