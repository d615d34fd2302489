import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createSpdyFaults, type SpdyFaults } from "../faults/spdy-faults.ts";
import { openSpdy, type SpdyConnection } from "../spdy/connection.ts";
import type { SpdyStream } from "../spdy/stream.ts";
import {
  type ChannelHandlers,
  type Channels,
  type OpenChannels,
  type OutputChannel,
  piecesOf,
  stdout,
} from "./channels.ts";
import type { StreamRequest } from "./request.ts";
import { type SessionEnd, type StatusAuthor, statusJson, statusText } from "./session-status.ts";
import { createSizeReader } from "./size-reader.ts";
import type { Upgraded } from "./upgraded.ts";

/** The protocols of runtimes for exec and attach, the newest first. */
export const spdyProtocols: readonly string[] = [
  "v4.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
];

/** In SPDY's own words; v1 and v2 know no sizes. */
const streamTypes = ["error", "stdin", "stdout", "stderr", "resize"] as const;

/** How long a client may take to open its streams. */
const streamsWithinMs = 30_000;

/** A session as streams of one SPDY connection: begins when the client has opened all that it asked for. */
export function openSpdySession(
  { socket, head, faults: met = [] }: Upgraded,
  protocol: string,
  asked: StreamRequest,
  author: StatusAuthor,
  begin: (open: OpenChannels) => void,
): void {
  const streams = new Map<string, SpdyStream>();
  let handlers: ChannelHandlers | undefined;
  let count = 0;
  const version = 4 - spdyProtocols.indexOf(protocol);
  const known = version >= 3 ? streamTypes : streamTypes.slice(0, -1);
  const asksFor = { error: true, resize: asked.tty, ...asked };
  const expected = known.filter((type) => asksFor[type]).length;
  const timer = setTimeout(() => connection.close(), streamsWithinMs);

  const faults = createSpdyFaults(met, {
    stream: (type) => streams.get(type)?.bytes,
    goAway: (status) => connection.goAway(status),
  });
  const connection: SpdyConnection = openSpdy(socket, head, {
    refuse: (headers) => faults.refuse(headers.get("streamtype") ?? ""),
    sent: faults.sent,
    opened(stream) {
      const type = known.find((one) => one === stream.headers.get("streamtype"));
      if (!type) return;
      streams.set(type, stream);
      count += 1;
      if (count !== expected) return;
      clearTimeout(timer);
      if (version === 1) {
        // As the very first kubelets did, and all since then: no word of a failure gets through.
        streams.get("stdin")?.bytes.end();
        streams.get("error")?.bytes.destroy();
      }
      faults.begin();
      begin((given) => {
        handlers = given;
        return createSpdyChannels(connection, streams, version === 4 ? author : undefined, given, faults);
      });
    },
    gone() {
      clearTimeout(timer);
      handlers?.gone(false);
    },
  });
}

function createSpdyChannels(
  connection: SpdyConnection,
  streams: ReadonlyMap<string, SpdyStream>,
  /** Whose status it is; undefined where it is a text. */
  author: StatusAuthor | undefined,
  handlers: ChannelHandlers,
  faults: SpdyFaults,
): Channels {
  const [error, stdin, out, err, resize] = streamTypes.map((type) => streams.get(type)?.bytes);
  const readSize = createSizeReader();
  let over = false;

  /** The input was reset, which ends it too, but nobody is to hear it yet. */
  let cut = false;
  let paused = false;
  const cutInput = (): void => {
    cut = paused;
    if (!paused && !over) handlers.stdinEnd();
  };

  stdin?.on("data", handlers.stdin);
  stdin?.once("end", () => {
    stdin.off("close", cutInput);
    if (!over) handlers.stdinEnd();
  });
  stdin?.once("close", cutInput);
  resize?.on("data", (bytes: Buffer) => {
    for (const [width, height] of readSize(bytes)) handlers.resize(width, height);
  });
  // What a client says there means nothing.
  for (const stream of [error, out, err]) stream?.resume();
  for (const stream of [out, err]) stream?.on("drain", handlers.drain);

  const say = async (end: SessionEnd): Promise<void> => {
    // The status behind all output, and the end of the connection behind the status. What never ran has no outputs.
    if (end.kind !== "error") for (const stream of [out, err]) stream?.end();
    await Promise.all([out, err].map((stream) => stream && isWritten(stream)));
    const status = author ? statusJson(end, author) : statusText(end);
    const said = status === undefined ? [] : faults.statusOf(status);
    if (said.length === 0 || !error?.writable) connection.close();
    for (const [index, part] of said.entries()) {
      error?.write(part, () => index === said.length - 1 && connection.close());
    }
  };

  return {
    absentStdinEnds: false,
    send(channel: OutputChannel, bytes) {
      const stream = channel === stdout ? out : err;
      // One that the client has not opened, or reset.
      if (!stream?.writable || over) return true;
      let room = true;
      for (const piece of piecesOf(bytes)) room = stream.write(piece);
      return room;
    },
    finish(end) {
      if (over) return;
      over = true;
      void say(end);
    },
    pause() {
      paused = true;
      for (const stream of [stdin, resize]) stream?.pause();
    },
    resume() {
      paused = false;
      for (const stream of [stdin, resize]) stream?.resume();
      if (cut) cutInput();
    },
  };
}

/** Resolves when all that a stream was given has been sent, or cannot be. */
async function isWritten(stream: Writable): Promise<void> {
  if (stream.writableEnded) await finished(stream, { readable: false }).catch(() => undefined);
}
