import type { Duplex } from "node:stream";
import { afterReading } from "../timers.ts";
import {
  encodeClose,
  encodeFrameHead,
  type Frame,
  longestControlBytes,
  longestPayloadBytes,
  opcodes,
} from "./frame.ts";
import { createFrameReader } from "./frame-reader.ts";
import type { Rules } from "./rules.ts";

/** The server's end of a WebSocket whose handshake is over. */
export interface WebSocket {
  /** Sends one message in one frame, its parts as they are; false when the peer has much to read already. */
  send(kind: MessageKind, ...parts: readonly Uint8Array[]): boolean;
  /** Sends Close 1000 and the end of the connection; what the peer still sends is read and thrown away. */
  close(): void;
  /** Reads no further, not even a ping or a Close. */
  pause(): void;
  resume(): void;
}

export type MessageKind = "text" | "binary";

/** What becomes of what the peer sends. */
export interface WebSocketHandlers {
  /** The payload of a frame of data, as a view that is the handler's own. */
  message(payload: Buffer, kind: MessageKind): void;
  /** There is room again after a `send` that answered false. */
  drain(): void;
  /** Nothing comes any more, and nothing that is sent arrives; cut when nobody has said Close before. */
  gone(cut: boolean): void;
}

const highMarkBytes = 1_048_576;
const closeWithinMs = 2_000;

/** Takes over a connection behind its 101; `head` is what came with the request. */
export function openWebSocket(
  socket: Duplex,
  head: Buffer,
  rules: Rules,
  handlers: WebSocketHandlers,
): WebSocket {
  const reader = createFrameReader(longestPayloadBytes);
  let paused = false;
  /** The Close has been sent. */
  let over = false;
  let gone = false;
  let blocked = false;
  /** The peer does not even read the answers to its pings: nothing more is read until it does. */
  let choked = false;
  let cancelDeadline = (): void => {};
  const idle =
    rules.idleMs === undefined ? undefined : setTimeout(() => socket.destroy(), rules.idleMs).unref();

  const write = (opcode: number, parts: readonly Uint8Array[]): void => {
    socket.cork();
    socket.write(
      encodeFrameHead(
        opcode,
        parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
      ),
    );
    for (const part of parts) if (part.byteLength > 0) socket.write(part);
    socket.uncork();
  };
  const end = (...closes: readonly Uint8Array[]): void => {
    if (over) return;
    over = true;
    clearTimeout(idle);
    for (const payload of closes) write(opcodes.close, [payload]);
    // However slowly the peer reads: its time to leave begins when it can have everything.
    socket.end(() => {
      if (!socket.destroyed) cancelDeadline = afterReading(closeWithinMs, () => socket.destroy());
    });
    // What is still on its way here must be read, or TCP throws away what is on its way there.
    paused = false;
    socket.resume();
    leave(false);
  };
  const leave = (cut: boolean): void => {
    if (gone) return;
    gone = true;
    // Whoever ended it is told when it is over, and not in the middle of what it does.
    queueMicrotask(() => handlers.gone(cut));
  };

  const take = (frame: Frame): void => {
    const { opcode, payload } = frame;
    const violation = rules.violationOf(frame);
    if (violation !== undefined) {
      const close = encodeClose(1002, violation);
      end(...(rules.closesAgain ? [close, encodeClose(1000)] : [close]));
    } else if (opcode === opcodes.close) {
      end(rules.echoesClose ? payload.subarray(0, 2) : encodeClose(1000));
    } else if (opcode === opcodes.ping) {
      write(opcodes.pong, [payload.subarray(0, longestControlBytes)]);
      choked = socket.writableLength > highMarkBytes;
      if (choked) socket.pause();
    } else if (opcode !== opcodes.pong) {
      idle?.refresh();
      handlers.message(payload, opcode === opcodes.text ? "text" : "binary");
    }
  };
  const read = (): void => {
    while (!paused && !choked && !over) {
      const frame = reader.read();
      if (frame === undefined) return;
      if (frame === "too long") end(encodeClose(1000));
      else take(frame);
    }
  };

  socket.on("data", (chunk: Buffer) => {
    if (over) return;
    reader.push(chunk);
    read();
  });
  const flow = (): void => {
    if (over || paused || choked) return;
    read();
    if (!paused && !choked) socket.resume();
  };
  socket.on("drain", () => {
    if (choked) {
      choked = false;
      flow();
    }
    if (!blocked || over) return;
    blocked = false;
    handlers.drain();
  });
  // A connection that breaks is closed besides.
  socket.on("error", () => undefined);
  socket.once("end", () => socket.destroy());
  socket.once("close", () => {
    over = true;
    clearTimeout(idle);
    cancelDeadline();
    leave(true);
  });
  reader.push(head);
  // Not before whoever opens it has it.
  queueMicrotask(read);

  return {
    send(kind, ...parts) {
      if (over) return true;
      idle?.refresh();
      write(opcodes[kind], parts);
      blocked ||= socket.writableLength > highMarkBytes;
      return !blocked;
    },
    close: () => end(encodeClose(1000)),
    pause() {
      if (over) return;
      paused = true;
      socket.pause();
    },
    resume() {
      if (!paused) return;
      paused = false;
      flow();
    },
  };
}
