/** A text, or the variable whose value stands in its place. */
type Part = string | { readonly variable: string };

export interface Word {
  readonly parts: readonly Part[];
  /** Then it is there also when it is empty. */
  readonly quoted: boolean;
}

export interface Command {
  readonly words: readonly Word[];
  /** Its stdout goes to stderr. */
  readonly toStderr: boolean;
  /** When it is run: always, or after success or failure of what is before it. */
  readonly when: ";" | "&&" | "||";
}

/** The script has something that this shell does not know. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

const plain = /^[^\s;&|<>()`'"\\$#]+/;
const operator = /^(;|\n|&&|\|\|)/;

/** Reads a script: commands with words, quotes and variables, `;`, `&&`, `||`, `>&2` and comments. */
export function parseScript(script: string): Command[] {
  const commands: Command[] = [];
  let words: Word[] = [];
  let toStderr = false;
  let when: Command["when"] = ";";
  let at = 0;

  const take = (pattern: RegExp): string | undefined => {
    const [found] = pattern.exec(script.slice(at)) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const finish = (next: Command["when"]): void => {
    if (words.length > 0) commands.push({ words, toStderr, when });
    else if (next !== ";" || when !== ";") throw new ScriptError(`syntax error: unexpected "${next}"`);
    words = [];
    toStderr = false;
    when = next;
  };
  const variable = (): Part => {
    const [whole = "$", braced, bare] =
      /^\$(?:\{([A-Za-z_]\w*|\?)\}|([A-Za-z_]\w*|\?))?/.exec(script.slice(at)) ?? [];
    at += whole.length;
    if (whole === "$" && /[({]/.test(script[at] ?? ""))
      throw new ScriptError(`"$${script[at]}" is not supported`);
    const name = braced ?? bare;
    return name === undefined ? "$" : { variable: name };
  };
  const doubleQuoted = (parts: Part[]): void => {
    at += 1;
    while (script[at] !== '"') {
      if (at >= script.length) throw new ScriptError("syntax error: unterminated quoted string");
      if (script[at] === "$") parts.push(variable());
      else if (/^\\["\\$`]/.test(script.slice(at))) {
        parts.push(script[at + 1] ?? "");
        at += 2;
      } else parts.push(take(/^(?:\\|[^"\\$]+)/) ?? "");
    }
    at += 1;
  };
  const word = (): Word => {
    const parts: Part[] = [];
    let quoted = false;
    for (;;) {
      const sign = script[at] ?? "";
      if (sign === "'") {
        const end = script.indexOf("'", at + 1);
        if (end < 0) throw new ScriptError("syntax error: unterminated quoted string");
        parts.push(script.slice(at + 1, end));
        quoted = true;
        at = end + 1;
      } else if (sign === '"') {
        doubleQuoted(parts);
        quoted = true;
      } else if (sign === "\\") {
        parts.push(script[at + 1] ?? "");
        quoted = true;
        at += 2;
      } else if (sign === "$") parts.push(variable());
      else {
        const text = take(plain) ?? (parts.length > 0 || quoted ? take(/^#/) : undefined);
        if (text === undefined) return { parts, quoted };
        parts.push(text);
      }
    }
  };

  while (at < script.length) {
    if (take(/^(?:[ \t\r]+|\\\n|#[^\n]*)/) !== undefined) continue;
    if (take(/^1?>&2/) !== undefined) toStderr = true;
    else if (take(/^2>&1/) === undefined) {
      const sign = take(operator);
      if (sign !== undefined) {
        // A line may begin a list that goes on in the next one.
        if (sign === "\n" && words.length === 0) continue;
        finish(sign === "&&" || sign === "||" ? sign : ";");
      } else {
        const one = word();
        if (one.parts.length === 0 && !one.quoted) throw new ScriptError(`"${script[at]}" is not supported`);
        words.push(one);
      }
    }
  }
  if (words.length > 0 || when !== ";") finish(";");
  return commands;
}
