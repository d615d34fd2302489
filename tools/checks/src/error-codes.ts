import ts from "typescript";

/** The members of the exported union of texts whose name ends with "ErrorCode". */
export function errorCodesOf(source: string): readonly string[] {
  const file = ts.createSourceFile("errors.ts", source, ts.ScriptTarget.ESNext, true);
  const alias = file.statements
    .filter((statement) => ts.isTypeAliasDeclaration(statement))
    .find(({ name }) => name.text.endsWith("ErrorCode"));
  if (!alias) return [];
  const members = ts.isUnionTypeNode(alias.type) ? alias.type.types : [alias.type];
  return members.map((member) => {
    if (ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal)) return member.literal.text;
    throw new SyntaxError(`${alias.name.text} is not a union of texts: ${member.getText()}`);
  });
}

/** The codes in the first column of the tables whose first heading is about codes. */
export function listedErrorCodesOf(markdown: string): readonly string[] {
  const codes: string[] = [];
  let inTable = false;
  let isAboutCodes = false;
  for (const line of markdown.split("\n")) {
    const [, cell] = /^\|((?:\\\||[^|])*)\|/.exec(line) ?? [];
    if (cell !== undefined && !inTable) isAboutCodes = /\bcode\b/i.test(cell);
    else if (cell !== undefined && isAboutCodes)
      codes.push(...Array.from(cell.matchAll(/`([A-Z][A-Z_0-9]*)`/g), ([, code = ""]) => code));
    inTable = cell !== undefined;
  }
  return codes;
}
