import { CodecError } from "./errors.ts";
import { checkInteger } from "./integer.ts";
import { bytesOf, createUtf8Decoder } from "./utf8.ts";

/** Columns and rows of a terminal. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** The server's view of the resize channel: a stream of JSON objects, however they are cut into messages. */
export interface ResizeDecoder {
  /**
   * Takes one payload and answers with the sizes it completed; 0 to 65,535, and runtimes ignore 0.
   * Throws `BAD_RESIZE`, then and ever after: a server's decoder ends at the first mistake.
   */
  push(payload: Uint8Array): TerminalSize[];
}

const largest = 65_535;
/** Longest object accepted, in characters: bounds memory against a server or client gone wrong. */
const objectLimit = 4_096;

/** The payload of a resize message, `{"Width":80,"Height":24}` and a newline. Throws RangeError outside 1 to 65,535. */
export function encodeResize(size: TerminalSize): Uint8Array {
  // A server stops reading the whole session after a size it cannot decode, so none may leave here.
  checkInteger("width", size.width, 1, largest);
  checkInteger("height", size.height, 1, largest);
  return bytesOf(`{"Width":${size.width},"Height":${size.height}}\n`);
}

export function createResizeDecoder(): ResizeDecoder {
  const utf8 = createUtf8Decoder();
  let text = "";
  let broken: CodecError | undefined;
  return {
    push(payload) {
      const sizes: TerminalSize[] = [];
      try {
        if (broken) throw broken;
        text += utf8.decode(payload, { stream: true });
        for (let end = endOfObject(text); end > 0; end = endOfObject(text)) {
          sizes.push(sizeOf(text.slice(0, end)));
          text = text.slice(end);
        }
      } catch (cause) {
        broken ??= new CodecError("BAD_RESIZE", "not the JSON of a size", { cause });
        throw broken;
      }
      return sizes;
    },
  };
}

/** Where the first object of the text ends; 0 while it is incomplete. */
function endOfObject(text: string): number {
  let depth = 0;
  // Braces, and whole strings so that the braces in them do not count.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"?|[{}]/g)) {
    if (token === "{") depth += 1;
    else if (token === "}" && --depth <= 0) return index + 1;
  }
  if (text.length > objectLimit || /^\s*[^\s{]/.test(text)) throw new SyntaxError();
  return 0;
}

/** Keys in any case and the last one counts, as Go decodes; hence all in lower case. */
function sizeOf(json: string): TerminalSize {
  const { width, height } = JSON.parse(json.toLowerCase()) as Record<string, number | null | undefined>;
  checkInteger("width", width ?? 0, 0, largest);
  checkInteger("height", height ?? 0, 0, largest);
  return { width: width ?? 0, height: height ?? 0 };
}
