import type { ContainerContext } from "../scripted.ts";

/** What a program reads and writes, with what a system's terminal does where it has one. */
export interface Console {
  /** The next piece of input, in a terminal a line; undefined at its end, in a terminal also after Ctrl-D. */
  read(): Promise<Uint8Array | undefined>;
  /** The next line, without its newline. */
  line(): Promise<string | undefined>;
  out(data: string | Uint8Array): Promise<void>;
  err(data: string | Uint8Array): Promise<void>;
  /** Runs something that Ctrl-C interrupts, and the end of the container. */
  foreground<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** As a system's terminal: what is longer is dropped. */
const longestLine = 4_095;
const queueBytes = 65_536;

export function createConsole(context: ContainerContext): Console {
  const { stdin, stdout, stderr, tty, signal } = context;
  const pieces: (Uint8Array | undefined)[] = [];
  let size = 0;
  let over = signal.aborted;
  let rest: Buffer = Buffer.alloc(0);
  let controller = new AbortController();
  /** Wakes the reader, and whoever waits for it to read. */
  let wake: () => void = () => undefined;
  let waken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const stir = (): void => {
    wake();
    waken = new Promise((resolve) => {
      wake = resolve;
    });
  };
  const push = (piece: Uint8Array | undefined): void => {
    pieces.push(piece);
    size += piece?.byteLength ?? 0;
    stir();
  };
  const interrupt = (): void => {
    pieces.length = 0;
    size = 0;
    controller.abort();
    stir();
  };
  signal.addEventListener("abort", () => {
    over = true;
    controller.abort();
    stir();
  });

  const write = async (output: typeof stdout, data: string | Uint8Array): Promise<void> => {
    if (!tty) return output.write(data);
    const text = Buffer.from(data).toString("latin1").replaceAll("\n", "\r\n");
    return output.write(Buffer.from(text, "latin1"));
  };
  const edit = tty ? createLineEditor((echo) => void stdout.write(echo), push, interrupt) : undefined;
  const pump = async (): Promise<void> => {
    for await (const bytes of stdin) {
      if (edit) edit(bytes);
      else push(bytes);
      while (size > queueBytes && !over) await waken;
    }
    over = true;
    stir();
  };
  // A program that ends takes its input with it.
  void pump().catch(() => undefined);

  const read = async (): Promise<Uint8Array | undefined> => {
    if (rest.byteLength > 0) {
      const piece = rest;
      rest = Buffer.alloc(0);
      return piece;
    }
    while (pieces.length === 0 && !over && !controller.signal.aborted) await waken;
    // What was typed so far is gone, and whoever waits for it gets an empty line.
    if (pieces.length === 0 && !over) return Buffer.from("\n");
    const piece = pieces.shift();
    size -= piece?.byteLength ?? 0;
    stir();
    return piece;
  };

  return {
    read,
    async line() {
      let line = Buffer.alloc(0);
      for (;;) {
        const piece = await read();
        if (!piece) return line.byteLength > 0 ? line.toString() : undefined;
        line = Buffer.concat([line, piece]);
        const end = line.indexOf(0x0a);
        if (end < 0 && line.byteLength < queueBytes) continue;
        rest = line.subarray(end < 0 ? line.byteLength : end + 1);
        return line.subarray(0, end < 0 ? line.byteLength : end).toString();
      }
    },
    out: (data) => write(stdout, data),
    err: (data) => write(stderr, data),
    foreground(task) {
      controller = new AbortController();
      if (signal.aborted) controller.abort();
      return task(controller.signal);
    },
  };
}

/** A terminal's own editing: echo, backspace, Ctrl-U, and what Ctrl-C and Ctrl-D mean. */
function createLineEditor(
  show: (bytes: Uint8Array) => void,
  push: (line: Uint8Array | undefined) => void,
  interrupt: () => void,
): (bytes: Uint8Array) => void {
  let line: number[] = [];
  let echoes: Uint8Array[] = [];
  const echo = (text: string | Uint8Array): void => {
    echoes.push(Buffer.from(text));
  };
  const flush = (): void => {
    if (echoes.length > 0) show(Buffer.concat(echoes));
    echoes = [];
  };
  const erase = (): void => {
    // A character of UTF-8 begins with a byte that goes on with none.
    while (line.length > 0 && ((line.pop() ?? 0) & 0xc0) === 0x80);
    echo("\b \b");
  };
  const end = (...last: number[]): void => {
    // Before what the line brings about.
    flush();
    push(Uint8Array.from([...line, ...last]));
    line = [];
  };
  return (bytes) => {
    for (const byte of bytes) {
      if (byte === 0x03) {
        echo("^C\r\n");
        flush();
        line = [];
        interrupt();
      } else if (byte === 0x04) {
        if (line.length > 0) end();
        else push(undefined);
      } else if (byte === 0x0d || byte === 0x0a) {
        echo("\r\n");
        end(0x0a);
      } else if (byte === 0x7f || byte === 0x08) {
        if (line.length > 0) erase();
      } else if (byte === 0x15) {
        while (line.length > 0) erase();
      } else if (line.length < longestLine) {
        line.push(byte);
        echo(byte < 0x20 && byte !== 0x09 ? `^${String.fromCharCode(byte + 0x40)}` : Uint8Array.of(byte));
      }
    }
    flush();
  };
}
