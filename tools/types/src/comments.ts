const lineWidth = 110;
const enough = 200;

/** The text of a doc comment: the description's beginning, folded so that it fits under the given indent. */
export function commentText(description: string, indent: number): string {
  const lines = fold(beginningOf(description).replaceAll("*/", "*\\/"), lineWidth - indent - " * ".length);
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return `* ${only} `;
  return `*\n${lines.map((line) => ` * ${line}`).join("\n")}\n `;
}

/**
 * The first paragraph up to the end of a sentence: the whole text of all Kubernetes' descriptions would make
 * the types several times as long as they are.
 */
function beginningOf(description: string): string {
  const paragraph = description.trim().split("\n")[0] ?? "";
  const sentences = paragraph
    .replaceAll(/\s*More info: \S+/g, "")
    .split(/(?<=[^.][.:!?]) +(?=[A-Z"'`])/)
    .map((sentence) => sentence.trim());
  let text = "";
  for (const sentence of sentences) {
    if (text !== "" && text.length + sentence.length > enough) break;
    text = text === "" ? sentence : `${text} ${sentence}`;
  }
  return text;
}

/** Folds at spaces; a longer word, such as a URL, stands alone. */
function fold(line: string, width: number): string[] {
  const folded: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const before = rest.lastIndexOf(" ", width);
    const at = before > 0 ? before : rest.indexOf(" ");
    if (at < 0) break;
    folded.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...folded, rest];
}
