import { Api, createClient, Pod } from "@podwire/client";
import { PodAddon } from "@podwire/xterm";
import { Terminal } from "@xterm/xterm";
import type { Access, TerminalReport } from "./report.ts";

/** Uses a shell in a container by a terminal in this page, as somebody at the keys does. */
export async function exploreTerminal({ server, token }: Access): Promise<TerminalReport> {
  const pods = new Api(Pod, { client: createClient({ server, token }) });
  const { metadata } = await pods.create({
    metadata: { generateName: "terminal-" },
    spec: { containers: [{ name: "main", image: "busybox", command: ["sleep", "1000"] }] },
  });
  const session = await pods.exec.stream(metadata.name, { command: ["sh", "-i"], stdin: true, tty: true });
  const element = document.createElement("div");
  document.body.append(element);
  const terminal = new Terminal({ cols: 80, rows: 24, scrollback: 200_000 });
  terminal.open(element);
  const addon = new PodAddon(session);
  terminal.loadAddon(addon);

  // The shell may write its prompt behind what is typed ahead, so answers are at the ends of lines, and numbers
  // that must have a line of their own begin on a new one.
  terminal.input("echo typed-$((40 + 2))\r");
  const echoed = await appears(terminal, /typed-\d+$/m);
  terminal.input("stty size\r");
  const first = await appears(terminal, /\d+ 80$/m);
  terminal.resize(101, 31);
  // Sizes are sent once nobody drags a window any more.
  terminal.input("until stty size | grep -v ' 80$'; do sleep 0.05; done\r");
  const second = await appears(terminal, /\d+ 101$/m);
  terminal.input("echo; seq 1 150000; exit 3\r");
  const exit = await addon.ended;
  return {
    echoed,
    sizes: [first, second],
    counted: countOf(linesOf(terminal)),
    exit: `${exit.kind} ${"code" in exit ? exit.code : ""}`,
  };
}

/** How far the lines count that are numbers. */
function countOf(lines: readonly string[]): number {
  let count = 0;
  for (const line of lines) {
    if (!/^\d+$/.test(line)) continue;
    if (line !== String(count + 1)) return count;
    count += 1;
  }
  return count;
}

function linesOf({ buffer: { normal } }: Terminal): string[] {
  return Array.from({ length: normal.length }, (_, y) => normal.getLine(y)?.translateToString(true) ?? "");
}

/** Resolves with the first match in the lines of the terminal. */
function appears(terminal: Terminal, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    const look = (): void => {
      const [match] = pattern.exec(linesOf(terminal).join("\n")) ?? [];
      if (match === undefined) return;
      listener.dispose();
      resolve(match);
    };
    const listener = terminal.onWriteParsed(look);
    look();
  });
}
