import type { Disposable, TerminalLike } from "./terminal.ts";

/** Which sequences that reach beyond the terminal a process may use. */
export interface Permissions {
  /** Hyperlinks whose text hides where they lead (OSC 8). */
  readonly links: boolean;
  /** The reader's clipboard (OSC 52), for terminals that have an addon for it. */
  readonly clipboard: boolean;
}

/** Swallows the sequences that are not allowed: what a container writes is not to be trusted. */
export function guardSequences(terminal: TerminalLike, { links, clipboard }: Permissions): Disposable {
  const guarded = [...(links ? [] : [8]), ...(clipboard ? [] : [52])];
  // Handlers are asked from the last on, and the first that answers true is the only one.
  const handlers = guarded.map((id) => terminal.parser.registerOscHandler(id, () => true));
  return {
    dispose() {
      const letGo = (): void => {
        for (const handler of handlers) handler.dispose();
      };
      try {
        // Behind what has been written: the terminal looks at that later.
        terminal.write("", letGo);
      } catch {
        // It takes nothing more.
        letGo();
      }
    },
  };
}
