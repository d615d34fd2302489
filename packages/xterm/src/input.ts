import type { Disposable, TerminalLike, TerminalSession } from "./terminal.ts";

/**
 * Pieces that wait for a process which does not read, beyond which it gets no more, as from any terminal. A key is one,
 * and a paste; but so is each answer of the terminal itself, which a process can ask for in a loop.
 */
const mostWaiting = 4_096;

/** Sends what is typed, pasted or answered by the terminal itself to the process, in order. */
export function startInput(
  terminal: Pick<TerminalLike, "onBinary" | "onData">,
  { stdin }: Pick<TerminalSession, "stdin">,
  failed: (error: unknown) => void,
): Disposable {
  let waiting = 0;
  const write = (data: string | Uint8Array): void => {
    if (waiting === mostWaiting) return;
    waiting += 1;
    // Not awaited: the session keeps the order, and sends a long paste as fast as the process reads it.
    stdin
      .write(data)
      .catch(failed)
      .finally(() => {
        waiting -= 1;
      });
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
