export { connectTerminal, type TerminalConnection, type TerminalOptions } from "./connect-terminal.ts";
export { exitSentence } from "./exit-sentence.ts";
export { PodAddon } from "./pod-addon.ts";
export type { Disposable, TerminalLike, TerminalSession } from "./terminal.ts";
