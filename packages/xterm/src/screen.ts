import type { TerminalLike } from "./terminal.ts";

/** The bytes at which reading stops until the terminal has caught up with the second number. */
export interface Watermark {
  readonly highBytes: number;
  readonly lowBytes: number;
}

/** The writing side of a terminal, which says when it has caught up. */
export interface Screen {
  /** Writes; the bytes count until the terminal has taken them in. */
  write(data: string | Uint8Array, byteLength: number): void;
  /** Resolves when there is room for more, or nobody waits any more. */
  room(): Promise<void>;
  /** Resolves when everything written is on the screen, or nobody waits any more. */
  shown(): Promise<void>;
  /** Lets everybody go who waits. */
  release(): void;
}

export function createScreen(terminal: TerminalLike, { highBytes, lowBytes }: Watermark): Screen {
  let pendingBytes = 0;
  let full = false;
  let released = false;
  let waiting: { readonly atBytes: number; readonly resolve: () => void }[] = [];

  const settle = (): void => {
    const done = waiting.filter(({ atBytes }) => released || pendingBytes <= atBytes);
    waiting = waiting.filter((one) => !done.includes(one));
    for (const { resolve } of done) resolve();
  };
  const until = async (atBytes: number): Promise<void> => {
    if (released || pendingBytes <= atBytes) return;
    await new Promise<void>((resolve) => waiting.push({ atBytes, resolve }));
  };

  return {
    write(data, byteLength) {
      pendingBytes += byteLength;
      full ||= pendingBytes > highBytes;
      terminal.write(data, () => {
        pendingBytes -= byteLength;
        full &&= pendingBytes > lowBytes;
        settle();
      });
    },
    room: () => until(full ? lowBytes : highBytes),
    shown: () => until(0),
    release() {
      released = true;
      settle();
    },
  };
}
