/** A TypeScript block of a Markdown file. */
export interface CodeBlock {
  /** The line of its opening fence, counted from 1. */
  readonly line: number;
  /** What a reader has to run: a continued block comes with what it continues. */
  readonly code: string;
  readonly runs: boolean;
}

/**
 * The TypeScript blocks of a Markdown file. After `ts`, a fence may say `run` (it can be run, with a kubeconfig
 * of a cluster in $KUBECONFIG) and `continued` (it begins where the block before it ended).
 */
export function codeBlocksOf(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly fence: string; readonly info: string; readonly line: number } | undefined;
  let lines: string[] = [];
  for (const [index, text] of markdown.split("\n").entries()) {
    const [, indent = "", fence, info = ""] = /^( *)(`{3,}|~{3,})(.*)$/.exec(text) ?? [];
    if (!open) {
      if (fence) open = { fence: indent + fence, info: info.trim(), line: index + 1 };
      continue;
    }
    if (text.trimEnd() !== open.fence) {
      lines.push(
        text.startsWith(" ".repeat(open.fence.search(/\S/))) ? text.slice(open.fence.search(/\S/)) : text,
      );
      continue;
    }
    const block = blockOf(open.info, open.line, lines, blocks.at(-1));
    if (block) blocks.push(block);
    open = undefined;
    lines = [];
  }
  if (open) throw new SyntaxError(`the code block of line ${open.line} does not end`);
  return blocks;
}

function blockOf(
  info: string,
  line: number,
  lines: readonly string[],
  previous: CodeBlock | undefined,
): CodeBlock | undefined {
  const [language, ...words] = info.split(/\s+/);
  if (language !== "ts") {
    // A spelling that highlights as well would slip past the check.
    if (/^(?:ts|tsx|typescript|mts|cts)\b/i.test(info))
      throw new SyntaxError(`line ${line}: write ts, not ${language}`);
    return undefined;
  }
  const unknown = words.find((word) => word !== "run" && word !== "continued");
  if (unknown !== undefined) throw new SyntaxError(`line ${line}: ${unknown} is neither run nor continued`);
  const code = `${lines.join("\n")}\n`;
  if (!words.includes("continued")) return { line, code, runs: words.includes("run") };
  if (!previous) throw new SyntaxError(`line ${line}: there is no block to continue`);
  return { line, code: previous.code + code, runs: words.includes("run") };
}

/** The lines that a block says it prints: the comments behind `console.log(…);`. */
export function outputPromisedBy(code: string): readonly string[] {
  return Array.from(code.matchAll(/^\s*console\.log\(.*\); \/\/ (.*)$/gm), ([, text = ""]) => text.trimEnd());
}

/** Whether the promised lines were printed in their order; others may come in between. */
export function keepsPromise(promised: readonly string[], printed: string): boolean {
  const lines = printed.split("\n").map((line) => line.trimEnd());
  let from = 0;
  return promised.every((line) => {
    const index = lines.indexOf(line, from);
    from = index + 1;
    return index >= 0;
  });
}
