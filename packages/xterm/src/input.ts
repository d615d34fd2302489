import type { Disposable, TerminalLike, TerminalSession } from "./terminal.ts";

/** Sends what is typed, pasted or answered by the terminal itself to the process, in order. */
export function startInput(
  terminal: Pick<TerminalLike, "onBinary" | "onData">,
  { stdin }: Pick<TerminalSession, "stdin">,
  failed: (error: unknown) => void,
): Disposable {
  const write = (data: string | Uint8Array): void => {
    // Not awaited: the session keeps the order, and sends a long paste as fast as the process reads it.
    stdin.write(data).catch(failed);
  };
  const listeners = [
    terminal.onData(write),
    // Bytes as characters, of mouse reports in their oldest form.
    terminal.onBinary((text) => write(Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff))),
  ];
  return {
    dispose() {
      for (const listener of listeners) listener.dispose();
    },
  };
}
