import type { Status } from "@podwire/codec";

/** A URL's query, also in JSON, where Go's encoder writes & as \u0026: an API server quotes the kubelet's URL. */
const query = /(https?:\/\/[^\s"?\\]*)\?(?:[^\s"\\]|\\u[0-9a-f]{4})*/gi;
/** How containerd words an exit code. */
const exitCode = /(error executing command )\[.*\](, exit code \d+)/gs;

/** The text without what servers quote of a command line, which is nobody else's business. */
export function withoutCommandLine(text: string): string {
  return text.replace(query, "$1").replace(exitCode, "$1[...]$2");
}

/** The Status without what it quotes of a command line, in its message and in those of its causes. */
export function withoutCommandLineIn(status: Status): Status {
  return JSON.parse(JSON.stringify(status), (key, value) =>
    key === "message" ? withoutCommandLine(value) : value,
  );
}
