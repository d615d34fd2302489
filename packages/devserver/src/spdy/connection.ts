import type { Duplex } from "node:stream";
import {
  encodeDataHead,
  encodeGoAway,
  encodePing,
  encodeReset,
  encodeSynReply,
  type Frame,
  finFlag,
  frameTypes,
  resetStatuses,
} from "./frame.ts";
import { createFrameReader } from "./frame-reader.ts";
import { createEmptyBlocks, createHeaderReader, type Headers } from "./header-block.ts";
import { createStream, type OpenStream, type SpdyStream, type StreamLine } from "./stream.ts";

/** The server's end of a connection of SPDY/3.1. */
export interface SpdyConnection {
  /** Resets what is open, says GOAWAY and ends the connection; what the client still sends is thrown away. */
  close(): void;
  /** Says GOAWAY for this reason and takes no more streams; those that are open go on. */
  goAway(status: number): void;
}

export interface SpdyHandlers {
  /** The status to reset a stream with these headers with; undefined when it may be. */
  refuse(headers: Headers): number | undefined;
  opened(stream: SpdyStream): void;
  /** A frame with bytes has gone out. */
  sent(): void;
  /** Nothing comes any more, and nothing that is sent arrives. */
  gone(): void;
}

/** How many streams may be open at once: those of 512 connections to ports. */
const mostStreams = 1_024;
const pieceBytes = 32_768;
const closeWithinMs = 2_000;

/**
 * Takes over a connection that has left HTTP. There are no windows: as in the library of Kubernetes, SETTINGS and
 * WINDOW_UPDATE mean nothing, and a stream that is not read stops them all. So does a client that does not read what
 * its frames are answered with.
 */
export function openSpdy(transport: Duplex, head: Buffer, handlers: SpdyHandlers): SpdyConnection {
  const reader = createFrameReader();
  const headerReader = createHeaderReader();
  const emptyBlock = createEmptyBlocks();
  const streams = new Map<number, OpenStream>();
  /** The streams that hold as much as they may. */
  const full = new Set<number>();
  let writers: (() => void)[] = [];
  let lastStreamId = 0;
  let reading = false;
  /** There are answers that the client has not read. */
  let choked = false;
  let ended = false;
  let away = false;
  let over = false;
  let gone = false;
  let deadline: NodeJS.Timeout | undefined;

  const whenWritten = (room: boolean, done: () => void): void => {
    if (room || transport.destroyed) done();
    else writers.push(done);
  };
  const answer = (frame: Buffer): void => {
    choked ||= !transport.write(frame);
  };
  const sendData = (id: number, flags: number, payload: Uint8Array): boolean => {
    transport.cork();
    transport.write(encodeDataHead(id, flags, payload.byteLength));
    const room = payload.byteLength === 0 || transport.write(payload);
    transport.uncork();
    return room;
  };
  const leave = (): void => {
    if (gone) return;
    gone = true;
    queueMicrotask(handlers.gone);
  };
  const close = (): void => {
    if (over) return;
    for (const { bytes } of streams.values()) bytes.destroy();
    transport.write(encodeGoAway(lastStreamId));
    end();
  };
  const end = (): void => {
    if (over) return;
    over = true;
    for (const stream of streams.values()) stream.reset();
    transport.end(() => {
      if (!transport.destroyed) deadline = setTimeout(() => transport.destroy(), closeWithinMs);
    });
    transport.resume();
    headerReader.close();
    leave();
  };

  const open = async (payload: Buffer, flags: number): Promise<void> => {
    const id = payload.readUInt32BE() & 0x7fff_ffff;
    const headers = await headerReader.read(payload.subarray(10));
    if (over) return;
    if (id % 2 === 0 || id <= lastStreamId) {
      answer(encodeReset(id, resetStatuses.protocolError));
      return;
    }
    // Whoever has heard of it opens no more.
    if (away) return;
    lastStreamId = id;
    const refused = streams.size >= mostStreams ? resetStatuses.refusedStream : handlers.refuse(headers);
    if (refused !== undefined) {
      answer(encodeReset(id, refused));
      return;
    }
    const stream = createStream(id, headers, lineOf(id));
    streams.set(id, stream);
    answer(encodeSynReply(id, emptyBlock()));
    handlers.opened(stream);
    if (flags & finFlag) stream.finish();
  };

  const lineOf = (id: number): StreamLine => ({
    send(bytes, done) {
      let room = true;
      for (let start = 0; start < bytes.byteLength && !over; start += pieceBytes) {
        room = sendData(id, 0, bytes.subarray(start, start + pieceBytes));
        handlers.sent();
      }
      whenWritten(room, done);
    },
    sendFin() {
      if (!over) sendData(id, finFlag, new Uint8Array(0));
    },
    sendReset() {
      if (!over) transport.write(encodeReset(id, resetStatuses.cancel));
    },
    wanted() {
      if (full.delete(id)) resume();
    },
    closed() {
      streams.delete(id);
      if (full.delete(id)) resume();
    },
  });

  const takeControl = (frame: Extract<Frame, { kind: "control" }>): Promise<void> | undefined => {
    const { type, flags, payload, version } = frame;
    if (version !== 3) throw new RangeError(`a frame of SPDY/${version}`);
    if (type === frameTypes.synStream) return open(payload, flags);
    if (type === frameTypes.reset) streams.get(payload.readUInt32BE())?.reset();
    else if (type === frameTypes.ping) {
      // Even numbers would be answers to pings of the server, which sends none.
      if (payload.readUInt32BE() % 2 === 1) answer(encodePing(payload));
    } else if (type === frameTypes.goAway) end();
    else if (type === frameTypes.headers) return headerReader.read(payload.subarray(4)).then(() => undefined);
    return undefined;
  };
  const take = (frame: Frame): Promise<void> | undefined => {
    if (frame.kind === "control") return takeControl(frame);
    const { streamId, flags, payload } = frame;
    const stream = streams.get(streamId);
    // Of a stream that is over, or never was.
    if (!stream) return undefined;
    if (payload.byteLength > 0 && !stream.push(payload)) full.add(streamId);
    if (flags & finFlag) stream.finish();
    return undefined;
  };
  const read = async (): Promise<void> => {
    if (reading) return;
    reading = true;
    try {
      while (!over && full.size === 0 && !choked) {
        const frame = reader.read();
        if (!frame) break;
        const pending = take(frame);
        if (pending) await pending;
      }
      if (full.size > 0 || choked) transport.pause();
      else if (ended) transport.destroy();
      else if (!over) transport.resume();
    } catch {
      // What is no SPDY ends the connection.
      end();
    } finally {
      reading = false;
    }
  };
  const resume = (): void => {
    if (full.size > 0 || choked || over) return;
    transport.resume();
    void read();
  };

  transport.on("data", (chunk: Buffer) => {
    if (over) return;
    reader.push(chunk);
    // Until the headers of a stream are read, which takes turns.
    if (reading) transport.pause();
    else void read();
  });
  transport.on("drain", () => {
    choked = false;
    resume();
    const waiting = writers;
    writers = [];
    for (const done of waiting) done();
  });
  transport.on("error", () => undefined);
  transport.once("end", () => {
    ended = true;
    if (over) transport.destroy();
    else void read();
  });
  transport.once("close", () => {
    for (const stream of streams.values()) stream.reset();
    over = true;
    clearTimeout(deadline);
    headerReader.close();
    for (const done of writers) done();
    leave();
  });
  reader.push(head);
  queueMicrotask(() => void read());

  return {
    close,
    goAway(status) {
      if (over) return;
      away = true;
      transport.write(encodeGoAway(lastStreamId, status));
    },
  };
}
