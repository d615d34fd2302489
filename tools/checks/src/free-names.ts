import ts from "typescript";

/** What a page calls its global object. */
const globalObjects = new Set(["globalThis", "self", "window"]);

/**
 * The names a script takes from its platform: free identifiers, and properties of the global object. The compiler
 * resolves scopes, so a text, a key, a member or a local variable of the same name is none.
 */
export function freeNamesOf(script: string): Set<string> {
  // As JavaScript: `a<b>(c)` is two comparisons there.
  const file = ts.createSourceFile("script.js", script, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const options: ts.CompilerOptions = {
    allowJs: true,
    noLib: true,
    noResolve: true,
    target: ts.ScriptTarget.ESNext,
    types: [],
  };
  const host: ts.CompilerHost = {
    getSourceFile: (name) => (name === file.fileName ? file : undefined),
    getDefaultLibFileName: () => "",
    writeFile: () => {},
    getCurrentDirectory: () => "",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (name) => name === file.fileName,
    readFile: () => undefined,
  };
  const program = ts.createProgram([file.fileName], options, host);
  const [mistake] = program.getSyntacticDiagnostics(file);
  if (mistake) throw new SyntaxError(ts.flattenDiagnosticMessageText(mistake.messageText, "\n"));
  const checker = program.getTypeChecker();

  const free = new Set<string>();
  function visit(node: ts.Node): void {
    if (ts.isIdentifier(node) && isReference(node) && !isDeclared(node)) free.add(node.text);
    const property = propertyOfGlobal(node);
    if (property !== undefined) free.add(property);
    ts.forEachChild(node, visit);
  }
  function isDeclared(name: ts.Identifier): boolean {
    const symbol = ts.isShorthandPropertyAssignment(name.parent)
      ? checker.getShorthandAssignmentValueSymbol(name.parent)
      : checker.getSymbolAtLocation(name);
    // The compiler's own symbols, such as the `require` of JavaScript, are declared nowhere.
    return (symbol?.declarations ?? []).length > 0;
  }
  visit(file);
  return free;
}

/** Whether an identifier stands for a variable, and is not a member's, a key's or a label's name. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  if (ts.isPropertyAssignment(parent)) return parent.name !== node;
  if (ts.isMetaProperty(parent) || ts.isLabeledStatement(parent)) return false;
  if (ts.isBreakOrContinueStatement(parent)) return false;
  // A module can export only what it declares.
  return !ts.isImportSpecifier(parent) && !ts.isExportSpecifier(parent);
}

function propertyOfGlobal(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && isGlobalObject(node.expression)) return node.name.text;
  if (!ts.isElementAccessExpression(node) || !isGlobalObject(node.expression)) return undefined;
  return ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : undefined;
}

function isGlobalObject(node: ts.Node): boolean {
  return ts.isIdentifier(node) && globalObjects.has(node.text);
}
