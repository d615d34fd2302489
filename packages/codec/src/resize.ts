import { CodecError } from "./errors.ts";
import { bytesOf } from "./utf8.ts";

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
  for (const name of ["width", "height"] as const) {
    if (!isSize(size[name]) || size[name] === 0) {
      throw new RangeError(`${name} must be an integer from 1 to ${largest}, not ${size[name]}`);
    }
  }
  return bytesOf(`{"Width":${size.width},"Height":${size.height}}\n`);
}

export function createResizeDecoder(): ResizeDecoder {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  let depth = 0;
  let quoted = false;
  let escaped = false;
  let broken: CodecError | undefined;

  const scan = (character: string): TerminalSize | undefined => {
    if (depth === 0 && /[ \t\r\n]/.test(character)) return undefined;
    if (depth === 0 && character !== "{") throw badResize();
    text += character;
    if (text.length > objectLimit) throw badResize();
    if (escaped) escaped = false;
    else if (quoted && character === "\\") escaped = true;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === "{") depth += 1;
    else if (!quoted && character === "}") depth -= 1;
    if (depth > 0) return undefined;
    const size = sizeOf(text);
    text = "";
    return size;
  };

  return {
    push(payload) {
      if (broken) throw broken;
      const sizes: TerminalSize[] = [];
      try {
        for (const character of utf8.decode(payload, { stream: true })) {
          const size = scan(character);
          if (size) sizes.push(size);
        }
      } catch (cause) {
        broken = cause instanceof CodecError ? cause : badResize(cause);
        throw broken;
      }
      return sizes;
    },
  };
}

/** Keys in any case and the last one counts, as Go decodes. */
function sizeOf(json: string): TerminalSize {
  const size = { width: 0, height: 0 };
  for (const [key, value] of Object.entries(JSON.parse(json) as object)) {
    const name = key.toLowerCase();
    if ((name !== "width" && name !== "height") || value === null) continue;
    if (!isSize(value)) throw badResize();
    size[name] = value;
  }
  return size;
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= largest;
}

function badResize(cause?: unknown): CodecError {
  return new CodecError("BAD_RESIZE", `expected {"Width":n,"Height":n} with integers up to ${largest}`, {
    cause,
  });
}
