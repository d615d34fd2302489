import type { RequestInfo } from "../request-info.ts";
import { type Frame, finFlag, frameTypes } from "../spdy/frame.ts";
import { createFrameReader } from "../spdy/frame-reader.ts";
import { createHeaderReader } from "../spdy/header-block.ts";
import type { RuleId } from "./rules.ts";
import { type CheckStream, createPortStreams, createSessionStreams } from "./streams.ts";

/** Looks at what goes over one connection of SPDY. */
export interface SpdyCheck {
  /** What the client has sent. */
  push(bytes: Buffer): void;
  /** Looks at what was pushed, which takes turns where there are headers; never rejects. */
  look(): Promise<void>;
  /** What the server has sent. */
  sent(bytes: Buffer): void;
  close(): void;
}

const mostStreams = 4_096;
/** The lengths of control frames that have one. */
const lengths: Readonly<Record<number, number>> = {
  [frameTypes.reset]: 8,
  [frameTypes.ping]: 4,
  [frameTypes.goAway]: 8,
  [frameTypes.windowUpdate]: 8,
};
const leastLengths: Readonly<Record<number, number>> = {
  [frameTypes.synStream]: 10,
  [frameTypes.headers]: 4,
};

/** One that the client has opened; `check` is undefined where it should not be. */
interface ClientStream {
  readonly check: CheckStream | undefined;
  ended: boolean;
}

/** `protocol` is what was agreed on to go over SPDY; `broken` is called with each rule that a frame breaks. */
export function createSpdyCheck(
  request: RequestInfo,
  protocol: string,
  broken: (rule: RuleId) => void,
): SpdyCheck {
  const client = createFrameReader();
  const server = createFrameReader();
  const headers = createHeaderReader();
  const kinds =
    request.subresource === "portforward"
      ? createPortStreams(broken)
      : createSessionStreams(request, protocol, broken);
  const streams = new Map<number, ClientStream>();
  let lastId = 0;
  let wentAway = false;
  let unreadable = false;

  const open = async ({ payload, flags }: Extract<Frame, { kind: "control" }>): Promise<void> => {
    const id = payload.readUInt32BE() & 0x7fff_ffff;
    const read = await headers.read(payload.subarray(10));
    if (wentAway) broken("after-goaway");
    if (id % 2 === 0 || id <= lastId) broken("stream-id");
    lastId = Math.max(lastId, id);
    if (streams.size >= mostStreams) for (const [one, { ended }] of streams) if (ended) streams.delete(one);
    // Too many to be told apart; nothing wrong shall be said of them.
    if (streams.size >= mostStreams) unreadable = true;
    streams.set(id, { check: kinds.open(read), ended: (flags & finFlag) !== 0 });
  };
  const take = ({ streamId, flags, payload }: Extract<Frame, { kind: "data" }>): void => {
    const stream = streams.get(streamId);
    if (!stream) {
      broken("stream-unknown");
      return;
    }
    if (stream.ended) broken("after-fin");
    if (payload.byteLength > 0) stream.check?.(payload);
    if (flags & finFlag) stream.ended = true;
  };
  const takeControl = async (frame: Extract<Frame, { kind: "control" }>): Promise<void> => {
    const { type, version, payload } = frame;
    if (version !== 3) broken("spdy-version");
    const { byteLength } = payload;
    if (byteLength !== (lengths[type] ?? byteLength) || byteLength < (leastLengths[type] ?? 0)) {
      broken("spdy-frame");
      unreadable = true;
    } else if (type === frameTypes.synStream) await open(frame);
    else if (type === frameTypes.headers) await headers.read(payload.subarray(4));
    else if (type === frameTypes.ping && payload.readUInt32BE() % 2 === 0) broken("ping-id");
    else if (type === frameTypes.goAway) wentAway = true;
    else if (type === frameTypes.reset) {
      const stream = streams.get(payload.readUInt32BE());
      if (stream) stream.ended = true;
    }
  };

  return {
    push(bytes) {
      if (!unreadable) client.push(bytes);
    },
    async look() {
      try {
        for (let frame = client.read(); frame && !unreadable; frame = client.read()) {
          if (frame.kind === "data") take(frame);
          else await takeControl(frame);
        }
      } catch {
        unreadable = true;
        broken("header-block");
      }
    },
    sent(bytes) {
      server.push(bytes);
      for (let frame = server.read(); frame; frame = server.read()) {
        // Nobody waits any longer.
        if (frame.kind === "control" && frame.type === frameTypes.goAway) kinds.over();
      }
    },
    close: headers.close,
  };
}
