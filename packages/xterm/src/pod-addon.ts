import type { Exit } from "@podwire/client";
import { connectTerminal, type TerminalConnection, type TerminalOptions } from "./connect-terminal.ts";
import type { TerminalLike, TerminalSession } from "./terminal.ts";

/** An addon of xterm.js that shows one session: `terminal.loadAddon(new PodAddon(session))`. */
export class PodAddon {
  readonly #session: TerminalSession;
  readonly #options: TerminalOptions;
  #connection: TerminalConnection | undefined;

  constructor(session: TerminalSession, options: TerminalOptions = {}) {
    this.#session = session;
    this.#options = options;
  }

  /** Connects; xterm.js calls it. */
  activate(terminal: TerminalLike): void {
    if (this.#connection) throw new TypeError("an addon is loaded once; make another for another terminal");
    this.#connection = connectTerminal(terminal, this.#session, this.#options);
  }

  /** As that of `connectTerminal`; rejects before the addon is loaded. */
  get ended(): Promise<Exit> {
    return this.#connection?.ended ?? Promise.reject(new TypeError("the addon has not been loaded yet"));
  }

  /** Disconnects: neither the session nor the terminal ends. */
  dispose(): void {
    this.#connection?.dispose();
  }
}
