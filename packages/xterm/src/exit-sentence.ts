import type { Exit } from "@podwire/client";

const longest = 500;

/** How a session ended, in one line of plain text for people: nothing in it moves a cursor or turns text around. */
export function exitSentence(exit: Exit): string {
  return plain(`${endOf(exit)}${isCut(exit) ? "; its output is incomplete" : ""}`);
}

function endOf(exit: Exit): string {
  switch (exit.kind) {
    case "exited":
      return `exited with code ${exit.code}`;
    case "signalled":
      return `killed by signal ${exit.signal}${exit.oomKilled ? ", out of memory" : ""}`;
    case "detached":
      return "detached";
    case "aborted":
      return `aborted: ${exit.reason instanceof Error ? exit.reason.message : String(exit.reason)}`;
    case "failedToStart":
      return `could not start: ${exit.error.message}`;
    default:
      return exit.error.message;
  }
}

function isCut({ kind, complete }: Exit): boolean {
  return (kind === "exited" || kind === "signalled") && complete === "incomplete";
}

/** Without control and direction characters: parts of it are a server's words. */
export function plain(text: string): string {
  const line = text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, " ").trim();
  const characters = Array.from(line);
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : line;
}
