import type { StreamSession } from "@podwire/client";

/** What an event or a handler is taken back with, as xterm.js has it. */
export interface Disposable {
  dispose(): void;
}

/** As much of a terminal of xterm.js, with a page or without one, as is used. */
export interface TerminalLike {
  readonly cols: number;
  readonly rows: number;
  readonly options: { disableStdin?: boolean };
  readonly buffer: { readonly active: { readonly type: "normal" | "alternate"; readonly cursorX: number } };
  readonly parser: {
    registerOscHandler(id: number, callback: (data: string) => boolean): Disposable;
  };
  write(data: string | Uint8Array, callback?: () => void): void;
  onData(listener: (text: string) => void): Disposable;
  onBinary(listener: (bytes: string) => void): Disposable;
  onResize(listener: (size: { readonly cols: number; readonly rows: number }) => void): Disposable;
}

/** As much of a session as is used; that of `api.exec.stream` and that of the client's small `exec` have it. */
export interface TerminalSession extends Pick<StreamSession, "exited" | "resize" | "stdin" | "tty"> {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
}
