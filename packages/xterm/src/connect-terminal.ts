import type { Exit } from "@podwire/client";
import { exitSentence, plain } from "./exit-sentence.ts";
import { guardSequences, type Permissions } from "./guarded-sequences.ts";
import { startInput } from "./input.ts";
import { createTextRender, type OutputPump, renderBytes, startOutputPump } from "./output-pump.ts";
import { createScreen } from "./screen.ts";
import { startSize } from "./size.ts";
import type { Disposable, TerminalLike, TerminalSession } from "./terminal.ts";

/** How a terminal and a session are connected. */
export interface TerminalOptions extends Partial<Permissions> {
  /** Whether what is typed and pasted goes to the process; true by default. */
  readonly input?: boolean;
  /** Whether the last line says how it ended, or what that line says; true by default. */
  readonly statusLine?: boolean | ((exit: Exit) => string);
  /** Bytes that the terminal has not taken in yet at which reading stops; 512 KiB by default. */
  readonly highWaterBytes?: number;
  /** Bytes of these at which reading goes on; a quarter of `highWaterBytes` by default. */
  readonly lowWaterBytes?: number;
}

/** A connected terminal; disposing it leaves the terminal and the session as they are, to be connected anew. */
export interface TerminalConnection extends Disposable {
  /**
   * How the session ended, once its last byte and the status line are on the screen. Rejects with an AbortError when
   * it was disposed before, and with the terminal's own error when that takes nothing more.
   */
  readonly ended: Promise<Exit>;
}

/**
 * Shows a session on a terminal and sends what is typed there. Throws the session's `READER_BUSY` when somebody else
 * reads its output, and RangeError for impossible marks.
 */
export function connectTerminal(
  terminal: TerminalLike,
  session: TerminalSession,
  options: TerminalOptions = {},
): TerminalConnection {
  const { input = true, statusLine = true, links = false, clipboard = false } = options;
  const { highWaterBytes: highBytes = 524_288, lowWaterBytes: lowBytes = highBytes >> 2 } = options;
  if (!(lowBytes >= 0 && highBytes > lowBytes && Number.isSafeInteger(highBytes + lowBytes))) {
    throw new RangeError("highWaterBytes must be an integer above lowWaterBytes, and that none below 0");
  }
  const screen = createScreen(terminal, { highBytes, lowBytes });
  const disableStdin = terminal.options.disableStdin ?? false;
  const pumps = startPumps();
  const guard = guardSequences(terminal, { links, clipboard });
  const size = startSize(terminal, session, inputFailed);
  const typing = input ? startInput(terminal, session, inputFailed) : undefined;
  if (!input) terminal.options.disableStdin = true;
  let inputOver = !input;
  let disposed = false;
  let disconnect = (_reason: unknown): void => {};

  function startPumps(): readonly OutputPump[] {
    const started: OutputPump[] = [];
    try {
      for (const output of [session.stdout, session.stderr]) {
        started.push(startOutputPump(output, screen, session.tty ? renderBytes : createTextRender()));
      }
    } catch (error) {
      for (const pump of started) pump.stop();
      throw error;
    }
    return started;
  }

  function stopInput(): void {
    inputOver = true;
    size.dispose();
    typing?.dispose();
    terminal.options.disableStdin = true;
  }

  function inputFailed(error: unknown): void {
    // Its end is said once its output is on the screen.
    if (disposed || inputOver || codeOf(error) === "SESSION_ENDED") return;
    stopInput();
    say(error instanceof Error ? error.message : String(error));
  }

  /** A line of ours, on a line of its own. */
  function say(text: string): void {
    const { cursorX, type } = terminal.buffer.active;
    // What a process has left behind that could not clean up: its other screen, mouse reports, colours, a hidden cursor.
    const tidy = `${type === "alternate" ? "\x1b[?1049l" : ""}\x1b[!p\x1b[?1000;1002;1003;2004l`;
    const line = `${tidy}${cursorX > 0 ? "\r\n" : ""}\x1b[2m[${plain(text)}]\x1b[0m\r\n`;
    screen.write(line, line.length);
  }

  async function end(): Promise<Exit> {
    await Promise.all(pumps.map(({ done }) => done));
    // Nobody waits for the end any more: what is unread then stops the server.
    if (disposed) throw disconnected();
    const exit = await session.exited;
    if (disposed) return exit;
    stopInput();
    await screen.shown();
    if (statusLine && !disposed)
      say(typeof statusLine === "function" ? statusLine(exit) : exitSentence(exit));
    await screen.shown();
    return exit;
  }

  const ended = Promise.race([
    end(),
    new Promise<never>((_resolve, reject) => {
      disconnect = reject;
    }),
  ]);
  // Not everybody waits for it.
  ended.catch(() => {});

  return {
    ended,
    dispose() {
      if (disposed) return;
      disposed = true;
      stopInput();
      for (const pump of pumps) pump.stop();
      screen.release();
      guard.dispose();
      terminal.options.disableStdin = disableStdin;
      disconnect(disconnected());
    },
  };
}

function disconnected(): DOMException {
  return new DOMException("the terminal was disconnected from its session", "AbortError");
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
