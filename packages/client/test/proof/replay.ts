import { Socket } from "node:net";
import type { RecordingVector } from "@podwire/tools-vectors";
import { nodeDial } from "@podwire/transport/node";
import {
  Api,
  createClient,
  type Exit,
  type LivenessOptions,
  Pod,
  type StreamSession,
} from "../../src/index.ts";
import { type ApiServer, answer, type Exchange, hex, serve } from "../api-server.ts";
import { switching } from "./raw-peer.ts";

/** What becomes of the connection behind the last byte that is sent. */
export type Ending = "FIN" | "RST" | "silence" | "Close";

/** What a server sends instead of the recording as it was. */
export interface Replay {
  readonly recording: RecordingVector;
  readonly ending: Ending;
  /** How many bytes are sent; all by default. */
  readonly cut?: number;
  /** The bit that is another one, counted from the highest of the first byte. */
  readonly flippedBit?: number;
}

/** What a session made of it. */
export interface Outcome {
  readonly exit: Exit;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A server that replays recordings, and a client that is impatient with it. */
export interface Theatre {
  replay(replay: Replay, leave?: (session: StreamSession, abort: () => void) => void): Promise<Outcome>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openTheatre(liveness: LivenessOptions | false): Promise<Theatre> {
  const plays = new Map<string, Replay>();
  const upgraded = new Set<string>();
  const server: ApiServer = await serve({
    http({ path, query }, response) {
      if (query.some(([name]) => name === "watch")) return void response.end();
      const name = nameIn(path);
      // As a kubelet tells it: once somebody is attached to it, this process ends with 3.
      const state = upgraded.has(name) ? { terminated: { exitCode: 3 } } : { running: {} };
      answer(response, 200, {
        metadata: { name },
        spec: { containers: [{ name: "main" }] },
        status: { phase: "Running", containerStatuses: [{ name: "main", state }] },
      });
    },
    upgrade(exchange, socket) {
      const name = nameIn(exchange.path);
      upgraded.add(name);
      const play = plays.get(name);
      if (play && socket instanceof Socket) perform(play, exchange, socket);
    },
  });
  const dial: typeof nodeDial = (url, accept, options) =>
    nodeDial(url, accept, { ...options, closeTimeoutMs: 100 });
  const pods = new Api(Pod, { client: createClient({ server: server.url, dial }) });
  let count = 0;

  return {
    async replay(replay, leave) {
      count += 1;
      const name = `p-${count}`;
      plays.set(name, replay);
      const { kind, marker, protocol } = replay.recording;
      const controller = new AbortController();
      const options = { protocols: [protocol], liveness, signal: controller.signal };
      const session =
        kind === "attach"
          ? await pods.attach.stream(name, options)
          : await pods.exec.stream(name, {
              ...options,
              command: ["true"],
              readPod: false,
              verify: marker !== undefined,
            });
      leave?.(session, () => controller.abort(new Error("changed my mind")));
      const [stdout, stderr, exit] = await Promise.all([
        readAll(session.stdout),
        readAll(session.stderr),
        session.exited,
      ]);
      await session.close();
      plays.delete(name);
      return { exit, stdout, stderr };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function perform(replay: Replay, exchange: Exchange, socket: Socket): void {
  const { recording, ending } = replay;
  const sent = Buffer.concat([switching(exchange, recording.protocol), bytesOf(replay, exchange)]);
  // ws closes its side of a broken connection; what it says then is of no interest here.
  socket.resume();
  if (ending === "FIN") socket.end(sent);
  else if (ending === "Close") socket.end(Buffer.concat([sent, hex("88 02 03e8")]));
  else if (ending === "RST") socket.write(sent, () => socket.resetAndDestroy());
  else socket.write(sent);
}

function bytesOf({ recording, cut, flippedBit }: Replay, { query }: Exchange): Buffer {
  const bytes = Buffer.concat(recording.frames.map(hex));
  // The marker's name is another one in each session; it is in the command.
  const name = query.find(([key, value]) => key === "command" && /^[0-9a-f]{32}$/.test(value))?.[1];
  for (const at of placesOf(recording.marker, bytes)) bytes.write(name ?? "", at);
  if (flippedBit !== undefined) {
    const byte = flippedBit >> 3;
    bytes[byte] = (bytes[byte] ?? 0) ^ (0x80 >> (flippedBit & 7));
  }
  return bytes.subarray(0, cut);
}

function placesOf(text: string | undefined, bytes: Buffer): number[] {
  const places: number[] = [];
  if (text === undefined) return places;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}

function nameIn(path: string): string {
  return /\/pods\/([^/]+)/.exec(path)?.[1] ?? "";
}

/** What could be read, whatever comes then. */
async function readAll(output: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of output) chunks.push(chunk);
  } catch {
    // How it ended is the exit's to say.
  }
  return Buffer.concat(chunks);
}

/** Runs them all, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  atATime: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      for (const item of rest) await run(item);
    }),
  );
}
