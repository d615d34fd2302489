import type { Disposable, TerminalLike, TerminalSession } from "./terminal.ts";

/** A window that is dragged changes its size at each step, and the process redraws its screen for each it hears of. */
const quietMs = 50;
/** The largest size that servers take; they stop reading the whole session after another. */
const largest = 65_535;

/** Tells the process the terminal's size, now and whenever it has changed. */
export function startSize(
  terminal: Pick<TerminalLike, "cols" | "onResize" | "rows">,
  session: Pick<TerminalSession, "resize" | "tty">,
  failed: (error: unknown) => void,
): Disposable {
  // Without a terminal there the process has no size.
  if (!session.tty) return { dispose: () => {} };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = (): void => {
    timer = undefined;
    const [width, height] = [terminal.cols, terminal.rows].map((cells) =>
      Math.min(Math.max(Math.trunc(cells), 1), largest),
    );
    if (width && height) session.resize(width, height).catch(failed);
  };
  const listener = terminal.onResize(() => {
    clearTimeout(timer);
    timer = setTimeout(send, quietMs);
  });
  send();
  return {
    dispose() {
      clearTimeout(timer);
      listener.dispose();
    },
  };
}
