import { ClientError, type StreamSession } from "../../src/index.ts";
import type { Name } from "./world.ts";

/** The ways of reading an output. */
export const ways = [
  "one chunk",
  "three chunks",
  "hold",
  "lines",
  "until",
  "until, in vain",
  "readable",
  "cancel",
  "text",
] as const;
type Way = (typeof ways)[number];

/** Everything that was read, in whatever way. */
export interface Readings {
  readonly got: Record<Name, string>;
  /** Whether a reader lost bytes of its own will: it cancelled, or collected and then failed. */
  readonly gaveUp: Record<Name, boolean>;
  read(name: Name, way: Way): Promise<void>;
  /** Lets go of what is held, and reads the rest; resolves with the error at its end. */
  readRest(name: Name): Promise<unknown>;
}

export function createReadings(session: StreamSession, sent: Readonly<Record<Name, string>>): Readings {
  const got = { stdout: "", stderr: "" };
  const gaveUp = { stdout: false, stderr: false };
  const held: Partial<Record<Name, AsyncIterator<Uint8Array>>> = {};
  const streams: Partial<Record<Name, ReadableStream<Uint8Array>>> = {};
  const busy = new Map<Name, Promise<unknown>>();
  const take = (name: Name, chunk: Uint8Array): void => {
    got[name] += Buffer.from(chunk).toString();
  };

  const chunks = async (name: Name, count: number): Promise<void> => {
    let left = count;
    for await (const chunk of session[name]) {
      take(name, chunk);
      left -= 1;
      if (left === 0) return;
    }
  };
  const lines = async (name: Name): Promise<void> => {
    let left = 2;
    for await (const line of session[name].lines()) {
      // The last one has no line feed.
      got[name] += sent[name].startsWith(`${got[name]}${line}\n`) ? `${line}\n` : line;
      left -= 1;
      if (left === 0) return;
    }
  };
  const until = async (name: Name, pattern: string): Promise<void> => {
    const { before, match } = await session[name].until(pattern, { timeoutMs: 3_000 });
    got[name] += before + match;
  };
  const readable = async (name: Name): Promise<void> => {
    const stream = session[name].readable;
    const reader = stream.getReader();
    try {
      const { value } = await reader.read();
      // From here on the channel is the stream's.
      streams[name] = stream;
      if (value) take(name, value);
    } finally {
      reader.releaseLock();
    }
  };
  const cancel = async (name: Name): Promise<void> => {
    await session[name].readable.cancel();
    gaveUp[name] = true;
  };
  const text = async (name: Name): Promise<void> => {
    try {
      got[name] += await session[name].text();
    } catch (error) {
      gaveUp[name] ||= !isBusy(error);
      throw error;
    }
  };
  const hold = async (name: Name): Promise<void> => {
    const iterator = session[name][Symbol.asyncIterator]();
    held[name] = iterator;
    const { value } = await iterator.next();
    if (value) take(name, value);
  };
  const actions: Record<Way, (name: Name) => Promise<void>> = {
    "one chunk": (name) => chunks(name, 1),
    "three chunks": (name) => chunks(name, 3),
    hold,
    lines,
    until: (name) => until(name, "x"),
    "until, in vain": (name) => until(name, "nowhere"),
    readable,
    cancel,
    text,
  };

  const readings: Readings = {
    got,
    gaveUp,
    async read(name, way) {
      // Only one of them has the channel; the others are told so, and have taken nothing.
      const reading = actions[way](name).catch((error: unknown) => {
        if (isBusy(error)) return;
        throw error;
      });
      busy.set(name, Promise.allSettled([busy.get(name), reading]));
      await reading;
    },
    async readRest(name) {
      await held[name]?.return?.();
      await busy.get(name);
      await held[name]?.return?.();
      const source = streams[name] ?? session[name];
      try {
        for await (const chunk of source) take(name, chunk);
      } catch (error) {
        return error;
      }
      return undefined;
    },
  };
  return readings;
}

function isBusy(error: unknown): boolean {
  return error instanceof ClientError && error.code === "READER_BUSY";
}
