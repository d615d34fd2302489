/** A message or a Close of a server as it came, payloads of base64 decoded. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames at the beginning of what a server has sent, none of them in fragments. */
export function rawFramesOf(bytes: Buffer): readonly RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = bytes.readUInt8(at + 1);
    const header = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (at + header > bytes.length) break;
    const length =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short;
    const end = at + header + length;
    if (end > bytes.length) break;
    frames.push(rawFrame(bytes.readUInt8(at), bytes.subarray(at + header, end)));
    at = end;
  }
  return frames;
}

function rawFrame(opcode: number, payload: Buffer): RawFrame {
  if (opcode !== 0x81) return { opcode, payload };
  const decoded = Buffer.from(payload.subarray(1).toString("latin1"), "base64");
  return { opcode, payload: Buffer.concat([payload.subarray(0, 1), decoded]) };
}

/**
 * Joins what one channel says in several messages, for where it is cut is a matter of timing; but for the first one, by
 * which a server says that the channel is there.
 */
export function joinedFrames(frames: readonly RawFrame[]): readonly RawFrame[] {
  const joined: RawFrame[] = [];
  const channels = new Set<number | undefined>();
  let first: RawFrame | undefined;
  for (const frame of frames) {
    const { opcode, payload } = frame;
    const last = joined.at(-1);
    if (last && last !== first && isMessage(last) && isMessage(frame) && last.payload[0] === payload[0]) {
      joined.pop();
      joined.push({ opcode, payload: Buffer.concat([last.payload, payload.subarray(1)]) });
    } else {
      joined.push(frame);
    }
    if (!channels.has(payload[0])) first = frame;
    channels.add(payload[0]);
  }
  return joined;
}

function isMessage({ opcode }: RawFrame): boolean {
  return opcode === 0x81 || opcode === 0x82;
}
