import { LineCounter, parseDocument } from "yaml";
import { KubeconfigError } from "./errors.ts";

/** The plain value of a YAML text, which JSON is too. Its errors name a line and never quote it: the line may be a token. */
export function readDocument(text: string, source: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new KubeconfigError("BAD_YAML", `${source}: line ${line}, column ${col}: ${error.code}`);
  }
  try {
    return document.toJS();
  } catch {
    throw new KubeconfigError("BAD_YAML", `${source}: an alias refers to nothing, or there are too many`);
  }
}
