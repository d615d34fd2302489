import { Api, type Client, createClient, type ExecOptions, Pod, type StreamSession } from "@podwire/client";
import { type Dial, dial } from "@podwire/transport";
import { Terminal } from "@xterm/xterm";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import { dialWithoutStreams } from "../../transport/test/without-streams.ts";
import { PodAddon } from "../src/index.ts";

// A page whose timers are clamped takes in a few kilobytes a second.
vi.setConfig({ testTimeout: 240_000 });

const dials: Readonly<Record<string, Dial>> = {
  WebSocketStream: dial,
  WebSocket: dialWithoutStreams,
};
const name = `xterm-${crypto.randomUUID()}`;

async function podsOver(pageDial: Dial): Promise<Api<Pod>> {
  const answer = await fetch(inject("pageServersUrl"));
  const client: Client = createClient({ ...(await answer.json()), dial: pageDial });
  return new Api(Pod, { client });
}

async function execOver(pageDial: Dial, options: ExecOptions): Promise<StreamSession> {
  const pods = await podsOver(pageDial);
  const exists = await pods.get(name).then(
    () => true,
    () => false,
  );
  if (!exists) {
    await pods.create({
      metadata: { name },
      spec: { containers: [{ name: "main", image: "busybox", command: ["sleep", "1000"] }] },
    });
  }
  const session = await pods.exec.stream(name, options);
  onTestFinished(() => session.close());
  return session;
}

/** A terminal in the page, with a session on it. */
function openTerminal(
  session: StreamSession,
  { scrollback = 1_000, highWaterBytes = 524_288 }: { scrollback?: number; highWaterBytes?: number } = {},
): {
  terminal: Terminal;
  addon: PodAddon;
  pending: { bytes: number; mostBytes: number };
} {
  const element = document.createElement("div");
  document.body.append(element);
  const terminal = new Terminal({ scrollback, cols: 80, rows: 24 });
  terminal.open(element);
  const pending = { bytes: 0, mostBytes: 0 };
  const write = terminal.write.bind(terminal);
  terminal.write = (data, shown) => {
    pending.bytes += data.length;
    pending.mostBytes = Math.max(pending.mostBytes, pending.bytes);
    write(data, () => {
      pending.bytes -= data.length;
      shown?.();
    });
  };
  const addon = new PodAddon(session, { highWaterBytes });
  terminal.loadAddon(addon);
  onTestFinished(() => {
    terminal.dispose();
    element.remove();
  });
  return { terminal, addon, pending };
}

function linesOf({ buffer: { normal } }: Terminal): string[] {
  const lines = Array.from(
    { length: normal.length },
    (_, y) => normal.getLine(y)?.translateToString(true) ?? "",
  );
  return lines.filter((line) => line !== "");
}

/** Resolves when the last lines of the terminal match. */
function appears(terminal: Terminal, pattern: RegExp): Promise<void> {
  const lastLines = (): string => {
    const { active } = terminal.buffer;
    const rows = Array.from({ length: terminal.rows }, (_, y) => active.getLine(active.baseY + y));
    return rows.map((line) => line?.translateToString(true)).join("\n");
  };
  return new Promise((resolve) => {
    const look = (): void => {
      if (!pattern.test(lastLines())) return;
      listener.dispose();
      resolve();
    };
    const listener = terminal.onWriteParsed(look);
    look();
  });
}

/** As for a page that nobody sees, whose timers run once a second. */
function clampTimers(): void {
  const { setTimeout } = globalThis;
  vi.stubGlobal("setTimeout", (callback: () => void, ms = 0) => setTimeout(callback, Math.max(ms, 1_000)));
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
}

const numbers = (last: number): string[] => Array.from({ length: last }, (_, index) => String(index + 1));

describe.each(Object.entries(dials))("a terminal in a page over %s", (_, pageDial) => {
  test("holds what the process wrote, to the last byte", async () => {
    const session = await execOver(pageDial, { command: ["seq", "1", "200000"], tty: true });
    const { terminal, addon } = openTerminal(session, { scrollback: 200_010 });
    expect(await addon.ended).toMatchObject({ kind: "exited", code: 0 });
    const lines = linesOf(terminal);
    expect(lines.pop()).toBe("[exited with code 0]");
    expect(lines.join("\n") === numbers(200_000).join("\n")).toBe(true);
  });

  test("gives the process its size, and the one that it gets", async () => {
    const session = await execOver(pageDial, {
      command: ["sh", "-c", "while :; do stty size; sleep 0.05; done"],
      stdin: true,
      tty: true,
    });
    const { terminal, addon } = openTerminal(session);
    await appears(terminal, /^24 80$/m);
    terminal.resize(101, 31);
    await appears(terminal, /^31 101$/m);
    terminal.input("\x03");
    expect(await addon.ended).toMatchObject({ kind: "signalled", signal: 2 });
  });

  test.each([true, false])("shows characters that are cut at every byte (tty: %s)", async (tty) => {
    const bytes = [...new TextEncoder().encode("añ€🙂z")].map((byte) => `\\0${byte.toString(8)}`);
    const script = bytes.map((byte) => `printf '%b' '${byte}'; sleep 0.01`).join("; ");
    const session = await execOver(pageDial, { command: ["sh", "-c", script], tty });
    const { terminal, addon } = openTerminal(session);
    await addon.ended;
    expect(linesOf(terminal)).toEqual(["añ€🙂z", "[exited with code 0]"]);
  });

  test("loses nothing and does not grow while nobody sees it", async () => {
    const session = await execOver(pageDial, { command: ["seq", "1", "12000"], tty: true });
    clampTimers();
    const { terminal, addon, pending } = openTerminal(session, {
      scrollback: 12_010,
      highWaterBytes: 4_096,
    });
    expect(await addon.ended).toMatchObject({ kind: "exited", code: 0 });
    // Of 72,894.
    expect(pending.mostBytes).toBeLessThanOrEqual(4_096 + 65_536);
    expect(linesOf(terminal).slice(0, -1).join("\n") === numbers(12_000).join("\n")).toBe(true);
  });
});

test("can be left by keyboard, as the README shows", async () => {
  const session = await execOver(dial, { command: ["cat"], stdin: true, tty: true });
  const { terminal } = openTerminal(session);
  const next = document.createElement("button");
  document.body.append(next);
  onTestFinished(() => next.remove());
  let leaving = false;
  terminal.attachCustomKeyEventHandler((event) => {
    const toggles = event.ctrlKey && event.key === "m";
    if (toggles) event.preventDefault();
    if (toggles && event.type === "keydown") leaving = !leaving;
    return !toggles && !(leaving && event.key === "Tab");
  });
  terminal.focus();
  await userEvent.keyboard("{Tab}");
  expect(document.activeElement).toBe(terminal.textarea);
  await userEvent.keyboard("{Control>}m{/Control}{Tab}");
  expect(document.activeElement).toBe(next);
  terminal.focus();
  await userEvent.keyboard("{Control>}m{/Control}{Tab}");
  expect(document.activeElement).toBe(terminal.textarea);
});

test("without back-pressure, a flood that nobody sees ends with an error and not with lost lines", async () => {
  let closed = Promise.resolve();
  class HeardWebSocket extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      closed = new Promise((resolve) => this.addEventListener("close", () => resolve()));
    }
  }
  const dialHeard: Dial = (...call) => {
    vi.stubGlobal("WebSocket", HeardWebSocket);
    return dialWithoutStreams(...call);
  };
  const session = await execOver(dialHeard, { command: ["yes"], tty: true });
  clampTimers();
  const { addon, pending, terminal } = openTerminal(session, { highWaterBytes: 16_384 });
  await closed;
  // Somebody looks, and sees what came before.
  vi.unstubAllGlobals();
  expect(await addon.ended).toMatchObject({ kind: "limitExceeded", error: { code: "LIMIT_EXCEEDED" } });
  expect(pending.mostBytes).toBeLessThanOrEqual(16_384 + 65_536);
  expect(linesOf(terminal).at(-1)).toMatch(/^\[.*bytes/);
});
