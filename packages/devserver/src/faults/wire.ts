import { Duplex } from "node:stream";
import type { Upgraded } from "../streams/upgraded.ts";
import { createHeadReader, subprotocolOf } from "../websocket/answer-head.ts";
import {
  type CutBy,
  type Fault,
  type FrameFault,
  isFrameFault,
  isStatusFault,
  type StatusFault,
} from "./fault.ts";
import { createFrameStage, type FrameStage } from "./frame-stage.ts";
import { pace } from "./pace.ts";
import type { Cut } from "./resets.ts";

/** Whoever looks at what really goes over a connection. */
export interface Observer {
  sent(bytes: Buffer): void;
  /** What the client sends, whether it is read or not; nothing more is read until it has been looked at. */
  received(bytes: Buffer): Promise<void> | undefined;
  /** The client has ended the connection, and nobody else before. */
  ended(): void;
  /** The connection is over, whoever has ended it. */
  closed(): void;
}

/** A connection to write an answer and its session to, with faults between it and the client. */
export function openWire(
  { socket, head }: Upgraded,
  faults: readonly Fault[],
  cutBy: Cut,
  observer?: Observer,
): Upgraded {
  const gone = new AbortController();
  /** What is to be done to the connection behind what goes out now. */
  let cut: CutBy | undefined;
  let silent = false;
  /** Bytes of the client are being handed on; and whoever gets them has enough. */
  let taking = false;
  let full = false;
  const outgoing = createOutgoing(faults, (by) => {
    cut ??= by;
  });
  const outRate = rateOf(faults, "out");
  const inRate = rateOf(faults, "in");
  let readable = readableBytesOf(faults);

  const write = (bytes: Buffer): Promise<void> => {
    observer?.sent(bytes);
    return new Promise((resolve) => {
      if (bytes.byteLength === 0) resolve();
      else socket.write(bytes, () => resolve());
    });
  };
  const send = async (chunk: Buffer): Promise<void> => {
    if (cut) return;
    const bytes = outgoing(chunk);
    if (outRate === undefined) await write(bytes);
    else await pace(bytes, outRate, gone.signal, write);
    if (!cut) return;
    silent = cut === "silence";
    cutBy(socket, cut);
  };
  const take = async (chunk: Buffer): Promise<void> => {
    // Read, so that the client's end is noticed; not heard.
    if (silent) return;
    const looking = observer?.received(chunk);
    const bytes = chunk.subarray(0, readable);
    readable -= bytes.byteLength;
    const waits = looking !== undefined || inRate !== undefined;
    if (readable === 0 || waits) socket.pause();
    if (looking) await looking;
    if (inRate === undefined) push(bytes);
    else await pace(bytes, inRate, gone.signal, push);
    if (waits && readable > 0 && !full) socket.resume();
  };
  const push = (bytes: Buffer): void => {
    full = bytes.byteLength > 0 && !wire.push(bytes);
    if (full) socket.pause();
  };

  const wire = new Duplex({
    read() {
      full = false;
      if (readable > 0 && !taking) socket.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      void send(chunk).then(() => done());
    },
    writev(chunks, done) {
      void send(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done());
    },
    final(done) {
      if (silent || socket.writableEnded) done();
      else socket.end(() => done());
    },
    destroy(error, done) {
      if (!silent) socket.destroy();
      done(error);
    },
  });
  const receive = async (chunk: Buffer): Promise<void> => {
    taking = true;
    await take(chunk);
    taking = false;
  };
  wire.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => void receive(chunk));
  socket.once("end", () => {
    if (!cut) observer?.ended();
    if (silent) socket.destroy();
    else wire.push(null);
  });
  // By a reset, too.
  socket.once("error", () => !cut && observer?.ended());
  socket.once("close", () => {
    gone.abort();
    observer?.closed();
    wire.destroy();
  });
  if (readable === 0) socket.pause();
  else if (head.byteLength > 0) void receive(head);
  return { socket: wire, head: Buffer.alloc(0) };
}

/** The head of the answer as it is, then what the faults make of the rest. */
function createOutgoing(faults: readonly Fault[], cut: (by: CutBy) => void): (chunk: Buffer) => Buffer {
  const frameFaults = faults.filter(
    (one): one is FrameFault | StatusFault => isFrameFault(one) || isStatusFault(one),
  );
  const [byteCut] = faults.flatMap((one) =>
    one.kind === "cut" && !("afterFrames" in one) && one.afterBytes !== undefined
      ? [{ by: one.by, afterBytes: one.afterBytes }]
      : [],
  );
  let left = byteCut?.afterBytes ?? Infinity;
  const readHead = createHeadReader();
  let inBody = false;
  let frames: FrameStage | undefined;

  const body = (bytes: Buffer): Buffer => {
    const passed = frames ? frames.pass(bytes) : bytes;
    return limited(passed);
  };
  const limited = (bytes: Buffer): Buffer => {
    if (bytes.byteLength < left) {
      left -= bytes.byteLength;
      return bytes;
    }
    if (byteCut) cut(byteCut.by);
    const rest = bytes.subarray(0, left);
    left = 0;
    return rest;
  };
  return (chunk) => {
    if (inBody) return body(chunk);
    const head = readHead(chunk);
    if (!head) return chunk;
    inBody = true;
    if (frameFaults.length > 0) {
      const encoding = subprotocolOf(head).includes("base64") ? "base64" : "binary";
      frames = createFrameStage(frameFaults, encoding, cut);
    }
    const first = limited(frames?.begin() ?? Buffer.alloc(0));
    return Buffer.concat([chunk.subarray(0, head.byteLength), first, body(chunk.subarray(head.byteLength))]);
  };
}

function rateOf(faults: readonly Fault[], direction: "in" | "out"): number | undefined {
  const rates = faults.flatMap((one) =>
    one.kind === "throttle" && one.direction === direction ? [one.bytesPerSecond] : [],
  );
  return rates.length > 0 ? Math.min(...rates) : undefined;
}

/** How many bytes are read at all. */
function readableBytesOf(faults: readonly Fault[]): number {
  const limits = faults.flatMap((one) => (one.kind === "stop-reading" ? [one.afterBytes ?? 0] : []));
  return Math.min(Infinity, ...limits);
}
