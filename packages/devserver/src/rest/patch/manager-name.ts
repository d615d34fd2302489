import { type Cause, invalid } from "../../status.ts";

const longestBytes = 128;
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** What is wrong with the name of a manager, at a field. */
export function nameCauses(name: string, field: string): Cause[] {
  const causes: Cause[] = [];
  if (Buffer.byteLength(name) > longestBytes) {
    const message = `Too long: may not be more than ${longestBytes} bytes`;
    causes.push({ reason: "FieldValueTooLong", message, field });
  }
  let position = 0;
  for (const letter of name) {
    if (!printable.test(letter)) {
      const code = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      const message = `Invalid value: ${quoted(name)}: invalid character U+${code} (at position ${position})`;
      causes.push({ reason: "FieldValueInvalid", message, field });
    }
    position += Buffer.byteLength(letter);
  }
  return causes;
}

/** The name of who sends a request: what it says, or the first part of its program's. Throws the refusal of a name that is none. */
export function managerNameOf(options: string, query: URLSearchParams, userAgent = ""): string {
  const said = query.get("fieldManager") ?? "";
  const causes = nameCauses(said, "fieldManager");
  if (causes.length > 0) throw invalid(options, "", causes, "meta.k8s.io");
  const [program = ""] = userAgent.split("/");
  return said || program.replaceAll(/[^\x20-\x7e]/g, "").slice(0, longestBytes) || "unknown";
}

const escapes: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** As Go quotes a text. */
function quoted(text: string): string {
  const letters = [...text].map((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (escapes[letter] !== undefined || printable.test(letter)) return escapes[letter] ?? letter;
    return code < 0x80
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${letters.join("")}"`;
}
