import type { SessionEnd } from "./session-status.ts";

/** The server's side of one session, whatever carries it: output and status out, input and sizes in. */
export interface Channels {
  /** Whether whoever asks for no stdin ends the input at once, as runtimes take it below v5. */
  readonly absentStdinEnds: boolean;
  /** Sends output; false when the peer has much to read already. */
  send(channel: OutputChannel, bytes: Uint8Array): boolean;
  /** Says how it ended and closes; nothing can follow. */
  finish(end: SessionEnd): void;
  /** Stops what the client says: input, its end and sizes, and all else that one WebSocket carries. */
  pause(): void;
  resume(): void;
}

export const stdin = 0;
export const stdout = 1;
export const stderr = 2;
export const errorChannel = 3;
export const resizeChannel = 4;
export type OutputChannel = typeof stdout | typeof stderr;

/** What a session does with what the client sends. */
export interface ChannelHandlers {
  stdin(bytes: Uint8Array): void;
  stdinEnd(): void;
  resize(width: number, height: number): void;
  /** There is room again after a `send` that answered false. */
  drain(): void;
  /** The session has ended, whoever ended it; cut when the client left without a word. */
  gone(cut: boolean): void;
}

/** Begins a session whose upgrade is over. */
export type OpenChannels = (handlers: ChannelHandlers) => Channels;

/** Output goes out in pieces of at most this, as from real servers. */
const payloadBytes = 32_768;

export function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += payloadBytes) {
    yield bytes.subarray(start, start + payloadBytes);
  }
}
