import { byteLengthOf } from "./message.ts";
import type { WebSocketShape } from "./web-socket.ts";

/** What is used of Chromium's WebSocketStream, which TypeScript's libraries do not know. */
interface StreamShape {
  readonly opened: Promise<{
    readonly readable: ReadableStream<unknown>;
    readonly writable: WritableStream<unknown>;
    readonly protocol: string;
  }>;
  readonly closed: Promise<{ readonly closeCode: number; readonly reason: string }>;
  close(info?: { closeCode: number; reason: string }): void;
}

type StreamConstructor = new (url: string, options: { protocols: string[] }) => StreamShape;

/** Whether something is the constructor of WebSocketStream, or could be. */
export function isStreamClass(value: unknown): value is StreamConstructor {
  return typeof value === "function";
}

/** A listener that its connection replaces. */
type Listener = ((event: object) => void) | null;
type MessageListener = ((event: { readonly data: unknown }) => void) | null;
type CloseListener = ((event: Pick<CloseEvent, "code" | "reason" | "wasClean">) => void) | null;

/** Gives a WebSocketStream the shape of a WebSocket, one that can be paused. */
export function openStream(streamClass: StreamConstructor, url: string, protocols: string[]): WebSocketShape {
  const stream = new streamClass(url, { protocols });
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  let writer: WritableStreamDefaultWriter<unknown> | undefined;
  let written: Promise<unknown> = Promise.resolve();
  let paused = false;
  let reading = false;
  let whole = true;

  const socket = {
    binaryType: "",
    bufferedAmount: 0,
    protocol: "",
    readyState: 0,
    onopen: null as Listener,
    onmessage: null as MessageListener,
    onerror: null as Listener,
    onclose: null as CloseListener,
    ondrain: null as Listener,
    send(data: Uint8Array | string) {
      const byteLength = byteLengthOf(data);
      socket.bufferedAmount += byteLength;
      // What cannot be written has failed the stream, and `closed` tells.
      written = Promise.resolve(writer?.write(data)).then(() => {
        socket.bufferedAmount -= byteLength;
        socket.ondrain?.({});
      }, ignore);
    },
    close(closeCode = 1000, reason = "") {
      // A Close would overtake what has not been written yet.
      void written.then(() => stream.close({ closeCode, reason }));
      socket.resume();
    },
    terminate() {
      writer?.abort().catch(ignore);
      stream.close();
      socket.resume();
    },
    pause() {
      paused = true;
    },
    /** Also before the end: the peer's Close lies behind all that was not read, and Chromium waits a minute for it. */
    resume() {
      paused = false;
      void read();
    },
  };

  async function read(): Promise<void> {
    if (!reader || reading) return;
    reading = true;
    try {
      while (!paused) {
        const { done, value } = await reader.read();
        if (done) {
          const { closeCode, reason } = await stream.closed;
          return socket.onclose?.({ code: closeCode, reason, wasClean: whole });
        }
        socket.onmessage?.({ data: value });
      }
      reading = false;
    } catch {
      socket.onclose?.({ code: 1006, reason: "", wasClean: false });
    }
  }

  stream.opened.then(
    (opened) => {
      reader = opened.readable.getReader();
      writer = opened.writable.getWriter();
      // Its failure is that of `closed`.
      writer.closed.catch(ignore);
      socket.protocol = opened.protocol;
      socket.readyState = 1;
      socket.onopen?.({});
      void read();
    },
    () => socket.onerror?.({}),
  );
  // Chromium then drops messages that it would have handed over, up to 128 KiB, unless somebody is reading.
  stream.closed.catch(ignore).then(() => {
    socket.readyState = 3;
    whole = reading;
  });
  return socket;
}

function ignore(): void {}
