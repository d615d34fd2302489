import type { Screen } from "./screen.ts";

/** What goes to the screen for a chunk, or for the end of the output. */
export type Render = (chunk: Uint8Array | undefined) => string | Uint8Array;

/** Moves one output to a screen. */
export interface OutputPump {
  /**
   * Resolves when the output has ended, well or not (the session's exit says which), or the pump was stopped; rejects
   * when the terminal takes nothing more.
   */
  readonly done: Promise<void>;
  /** Takes nothing more; what is unread stays in the session. */
  stop(): void;
}

/** The terminal takes in one piece in one go, so it bounds how long a page does not answer. */
const pieceBytes = 65_536;

/** Starts to read; throws the session's `READER_BUSY` where somebody else does. */
export function startOutputPump(
  output: AsyncIterable<Uint8Array>,
  screen: Screen,
  render: Render,
): OutputPump {
  let stopped = false;
  const chunks = output[Symbol.asyncIterator]();

  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      const { done, value } = await chunks.next();
      return done ? undefined : value;
    } catch {
      return undefined;
    }
  };
  const pump = async (): Promise<void> => {
    while (!stopped) {
      const value = await next();
      if (!value) break;
      // What has been taken out of the session is shown, whatever comes between.
      for (let start = 0; start < value.byteLength; start += pieceBytes) {
        show(value.subarray(start, start + pieceBytes));
        if (!stopped) await screen.room();
      }
    }
    show(undefined);
  };
  const show = (chunk: Uint8Array | undefined): void => {
    const data = render(chunk);
    if (data.length > 0) screen.write(data, chunk?.byteLength ?? 0);
  };

  return {
    done: pump(),
    stop() {
      stopped = true;
      void chunks.return?.();
    },
  };
}

/** The bytes of a terminal, which is a decoder itself. */
export const renderBytes: Render = (chunk) => chunk ?? "";

/**
 * Output without a terminal in between, as a terminal shows it: its lines end in bare LF, and two channels share the
 * screen, so each has its own decoder or they would cut each other's characters.
 */
export function createTextRender(): Render {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return (chunk) => decoder.decode(chunk, { stream: chunk !== undefined }).replaceAll("\n", "\r\n");
}
